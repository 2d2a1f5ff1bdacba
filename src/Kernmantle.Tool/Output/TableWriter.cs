using Kernmantle.Tool.Lab.Model;
using Spectre.Console;

namespace Kernmantle.Tool.Output;

/// <summary>Writes a table as <see cref="TableLayout"/> says.</summary>
internal static class TableWriter
{
    /// <summary>A longer value stands beside its label if it has this much room there, else below it.</summary>
    private const int RoomForValue = 24;

    private const string Indent = "  ";

    /// <param name="style">The style of a column's cell, by the column's index and the cell's text; plain by default.</param>
    /// <param name="separated">Rows are long: a line between them.</param>
    public static void Write(Screen screen, TextTable table, Func<int, string, Style>? style = null, bool separated = false)
    {
        if (table.Title.Length > 0)
            screen.Out.WriteLine(table.Title);
        if (TableLayout.Grids(table, screen.Out.Profile.Width) is not { } blocks)
        {
            WriteRecords(screen, table, style, separated);
            return;
        }
        foreach (GridBlock block in blocks)
            screen.Out.Write(Grid(screen, table, block, style, separated));
    }

    private static Table Grid(Screen screen, TextTable table, GridBlock block, Func<int, string, Style>? style, bool separated)
    {
        Table grid = new() { Border = screen.IsPlain ? TableBorder.Ascii : TableBorder.Rounded, ShowHeaders = table.Columns.Any(static column => column.Length > 0), ShowRowSeparators = separated };
        foreach ((int index, int width) in block.Columns.Zip(block.Widths))
        {
            grid.AddColumn(new TableColumn(Cell(table.HeaderOf(index), width, Style.Plain))
            {
                Alignment = table.IsRight(index) ? Justify.Right : Justify.Left,
                Width = width,
                NoWrap = true,   // it is wrapped already
            });
        }
        foreach (IReadOnlyList<string> row in table.Rows)
            grid.AddRow(block.Columns.Zip(block.Widths, (index, width) => Cell(row[index], width, style?.Invoke(index, row[index]) ?? Style.Plain)));
        return grid;
    }

    private static Text Cell(string text, int width, Style style) => new(string.Join('\n', WrappedText.Lines(text, Math.Max(width, 1))), style);

    /// <summary>The row's name, and below it a label and a value for each other cell.</summary>
    private static void WriteRecords(Screen screen, TextTable table, Func<int, string, Style>? style, bool separated)
    {
        int width = screen.Out.Profile.Width;
        int[] cells = [.. Enumerable.Range(table.Keys, table.Columns.Count - table.Keys)];
        int labels = cells.Max(index => WrappedText.Width(table.HeaderOf(index)));
        int room = width - Indent.Length - labels - (labels > 0 ? Indent.Length : 0);
        int below = Math.Max(width - 2 * Indent.Length, 1);
        bool[] beside = [.. table.Columns.Select((_, index) => StandsBeside([.. table.Rows.Select(row => row[index])], room, below))];
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            foreach (string line in WrappedText.Lines(string.Join(", ", row.Take(table.Keys)), width))
                screen.Out.WriteLine(line, new(decoration: Decoration.Bold));
            foreach (int index in cells)
            {
                string label = table.HeaderOf(index);
                Style shown = style?.Invoke(index, row[index]) ?? Style.Plain;
                if (row[index].Length == 0)
                    continue;
                if (!beside[index] && label.Length > 0)
                    WriteLines(screen, WrappedText.Lines(label, Math.Max(width - Indent.Length, 1)), Indent, Indent, Style.Plain);
                string before = beside[index] ? $"{Indent}{label}{new string(' ', labels - WrappedText.Width(label))}{(labels > 0 ? Indent : "")}" : Indent + Indent;
                WriteLines(screen, WrappedText.Lines(row[index], beside[index] ? room : below), before, new string(' ', WrappedText.Width(before + ".") - 1), shown);
            }
            if (separated)
                screen.Line();
        }
    }

    /// <summary>There is room to read them, and no word must be broken that need not be broken below.</summary>
    private static bool StandsBeside(string[] cells, int room, int below) =>
        room >= Math.Min(RoomForValue, cells.Select(WrappedText.Width).DefaultIfEmpty(0).Max()) && room >= cells.Select(cell => WrappedText.LongestWord(cell, below)).DefaultIfEmpty(0).Max();

    private static void WriteLines(Screen screen, IReadOnlyList<string> lines, string first, string others, Style style)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            screen.Out.Write(i == 0 ? first : others, Style.Plain);
            screen.Out.WriteLine(lines[i], style);
        }
    }
}
