using Kernmantle.Benchmarks.Catalogue;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>A row of the README's table, its figures filled in.</summary>
internal sealed record ChoiceRow(string What, string Here, string Within, string Otherwise)
{
    public static ChoiceRow Of(Choice choice, IReadOnlyList<Table> tables) => new(
        choice.What,
        Text(choice.Here, tables),
        choice.Within.Length == 0 ? choice.WithinText : Text(choice.Within, tables),
        Text(choice.Otherwise, tables));

    private static string Text(Cell[] cells, IReadOnlyList<Table> tables) => string.Join("; ", cells.Select(cell =>
    {
        Row row = tables.First(table => table.Name == cell.Group).Rows.First(row => row.Key == cell.Key);
        return $"{cell.Label} {(row.Unit is null ? "not measured" : $"**{row.MedianText}**")}";
    }));
}
