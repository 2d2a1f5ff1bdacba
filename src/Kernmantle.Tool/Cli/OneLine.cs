using System.Text;

namespace Kernmantle.Tool.Cli;

/// <summary>A complaint is one line, whatever the user, the runtime or Python put into it.</summary>
internal static class OneLine
{
    /// <summary>The text with its line breaks as blanks, and without what would steer a terminal.</summary>
    public static string Of(string text)
    {
        StringBuilder line = new(text.Length);
        foreach (char letter in text.ReplaceLineEndings(" "))
            line.Append(char.IsControl(letter) ? ' ' : letter);
        return line.ToString().TrimEnd();
    }
}
