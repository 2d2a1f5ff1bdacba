namespace Kernmantle.Benchmarks.Measures;

/// <summary>A record as programs have them; some 200 bytes when encoded.</summary>
internal sealed record Order(int Number, string Customer, string Street, string City, DateTime Placed, double Total, bool Paid, int[] Items)
{
    public static Order Example { get; } = new(
        4711, "Ada King, Countess of Lovelace", "12 St James's Square, third floor, the second door", "London SW1Y 4JH", new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), 1234.56, true, [70001, 70002, 70003, 70004, 70005]);

    /// <summary>As many, numbered from 0, each an object of its own.</summary>
    public static IEnumerable<Order> Many(int count) => Enumerable.Range(0, count).Select(static number => Example with { Number = number });
}
