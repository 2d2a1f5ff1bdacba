using Spectre.Console;

namespace Kernmantle.Tool.Output;

/// <summary>Text in lines of a given width. Words stay whole; only one that is longer than a whole line is broken.</summary>
internal static class WrappedText
{
    /// <summary>The lines of <paramref name="text"/>, at most <paramref name="width"/> cells each. Line breaks and the indentation of lines are kept.</summary>
    public static IReadOnlyList<string> Lines(string text, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        List<string> lines = [];
        foreach (string line in text.Split('\n'))
        {
            string kept = line.TrimEnd();
            string rest = kept.TrimStart(' ');
            string built = kept[..^rest.Length];
            bool empty = true;   // but for the indentation
            if (built.Length >= width)
                built = "";
            foreach (string word in rest.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                string longer = empty ? built + word : $"{built} {word}";
                if (longer.GetCellWidth() <= width)
                {
                    built = longer;
                    empty = false;
                    continue;
                }
                if (!empty)
                    lines.Add(built);
                built = Broken(word, width, lines);
                empty = false;
            }
            lines.Add(built);
        }
        return lines;
    }

    /// <summary>The width of the longest line.</summary>
    public static int Width(string text) => text.Split('\n').Max(static line => line.TrimEnd().GetCellWidth());

    /// <summary>The width of the longest word that fits on a line of <paramref name="most"/> cells; what is longer is broken anyway.</summary>
    public static int LongestWord(string text, int most) =>
        text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(static word => word.GetCellWidth()).Where(width => width <= most).DefaultIfEmpty(0).Max();

    /// <summary>Adds full lines of a word that is too long for one, and returns what is left of it.</summary>
    private static string Broken(string word, int width, List<string> lines)
    {
        while (word.GetCellWidth() > width)
        {
            int cut = width;
            while (cut > 1 && word[..cut].GetCellWidth() > width)
                cut--;
            if (char.IsHighSurrogate(word[cut - 1]) && cut < word.Length)
                cut = cut > 1 ? cut - 1 : cut + 1;
            lines.Add(word[..cut]);
            word = word[cut..];
        }
        return word;
    }
}
