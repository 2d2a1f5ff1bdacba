using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Model;

/// <summary>One measured figure.</summary>
/// <param name="Name">For programs: words and dots, unique within its experiment.</param>
/// <param name="Label">For people.</param>
/// <param name="Unit">The base unit of <paramref name="Value"/>.</param>
/// <param name="Value">The measurements.</param>
internal sealed record Figure(string Name, string Label, Unit Unit, Spread Value)
{
    public static Figure Seconds(string name, string label, Spread value) => new(name, label, Unit.Seconds, value);

    public static Figure Bytes(string name, string label, Spread value) => new(name, label, Unit.Bytes, value);

    public static Figure Ratio(string name, string label, Spread value) => new(name, label, Unit.Ratio, value);

    /// <summary>A share, of which 1 is all.</summary>
    public static Figure Fraction(string name, string label, Spread value) => new(name, label, Unit.Fraction, value);

    public static Figure Count(string name, string label, double value) => new(name, label, Unit.Count, Spread.Exactly(value));

    /// <summary>Yes as 1, no as 0.</summary>
    public static Figure Fact(string name, string label, bool value) => new(name, label, Unit.Truth, Spread.Exactly(value ? 1 : 0));
}
