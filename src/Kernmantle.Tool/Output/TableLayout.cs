using Kernmantle.Tool.Lab.Model;

namespace Kernmantle.Tool.Output;

/// <summary>A part of a table that is drawn as a grid: which columns, and how wide each is.</summary>
internal sealed record GridBlock(IReadOnlyList<int> Columns, IReadOnlyList<int> Widths);

/// <summary>
/// How a table is shown at a given width, so that no column vanishes and no word is broken: as one grid where all columns have the width that
/// they need; a table of figures else as several grids, each with the columns that name the rows; and what has too much text for that as
/// records, one line for each cell.
/// </summary>
internal static class TableLayout
{
    /// <summary>A border and a blank on each side of a cell; one more border at the end.</summary>
    private const int Between = 3, AtEnd = 1;

    /// <summary>A column of text that is narrower than this, and not by its nature, is tedious to read.</summary>
    private const int ReadableText = 16;

    /// <summary>Names of rows up to this length are not wrapped.</summary>
    private const int ReadableName = 24;

    /// <summary>Cells up to this length are single words and the like: together with numbers they may be shown in parts.</summary>
    private const int LongestWord = 24;

    /// <summary>The grids that show the table; null where it must be shown as records.</summary>
    public static IReadOnlyList<GridBlock>? Grids(TextTable table, int width)
    {
        Column[] columns = [.. table.Columns.Select((_, index) => Measure(table, index, width))];
        int[] all = [.. Enumerable.Range(0, columns.Length)], keys = all[..table.Keys], others = all[table.Keys..];
        if (Fits(columns, all, width))
            return [Block(columns, all, width)];
        if (others.Any(index => !table.IsRight(index) && columns[index].LongestCell > LongestWord))
            return null;
        List<GridBlock> blocks = [];
        int[] block = keys;
        foreach (int index in others)
        {
            if (!Fits(columns, [.. keys, index], width))
                return null;
            if (!Fits(columns, [.. block, index], width))
            {
                blocks.Add(Block(columns, block, width));
                block = keys;
            }
            block = [.. block, index];
        }
        blocks.Add(Block(columns, block, width));
        return blocks;
    }

    private static bool Fits(Column[] columns, int[] chosen, int width) => chosen.Sum(index => columns[index].Least + Between) + AtEnd <= width;

    /// <summary>Each column gets what it needs; what is left goes, cell by cell, to the one that wraps most.</summary>
    private static GridBlock Block(Column[] columns, int[] chosen, int width)
    {
        int[] widths = [.. chosen.Select(index => columns[index].Least)];
        for (int left = width - chosen.Sum(index => columns[index].Least + Between) - AtEnd; left > 0; left--)
        {
            int neediest = Enumerable.Range(0, chosen.Length).MaxBy(i => (double)columns[chosen[i]].Natural / Math.Max(widths[i], 1));
            if (widths[neediest] >= columns[chosen[neediest]].Natural)
                break;
            widths[neediest]++;
        }
        return new(chosen, widths);
    }

    private static Column Measure(TextTable table, int index, int width)
    {
        string header = table.HeaderOf(index);
        string[] cells = [.. table.Rows.Select(row => row[index])];
        int longest = cells.Select(WrappedText.Width).DefaultIfEmpty(0).Max();
        int natural = Math.Max(longest, WrappedText.Width(header));
        // Numbers are not wrapped.
        int least = table.IsRight(index) ? longest : Math.Max(
            cells.Select(cell => WrappedText.LongestWord(cell, width)).DefaultIfEmpty(0).Max(),
            Math.Min(longest, index < table.Keys ? ReadableName : ReadableText));
        return new(Math.Max(least, WrappedText.LongestWord(header, width)), natural, longest);
    }

    /// <param name="Least">The width without which it is not shown.</param>
    /// <param name="Natural">The width at which nothing in it is wrapped.</param>
    private sealed record Column(int Least, int Natural, int LongestCell);
}
