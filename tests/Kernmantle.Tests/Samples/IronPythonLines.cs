namespace Kernmantle.Tests.Samples;

/// <summary>What samples/IronPython prints, whatever is behind its scopes.</summary>
internal static class IronPythonLines
{
    /// <summary>Of calls; behind them are the figures.</summary>
    public static void AssertCalls(IReadOnlyList<string> lines)
    {
        string text = string.Join('\n', lines);
        Assert.StartsWith("invoice: customer Kim, items 2, total 12.5\npower: 1267650600228229401496703205376\nsold: 3, then 7\ndivide: ", text, StringComparison.Ordinal);
        Assert.Contains("Attempted to divide by zero.\nendless: while True ran longer than its timeout of ", text, StringComparison.Ordinal);
        // What the first scope remembered has gone with its worker.
        Assert.Equal("sold: 1", lines[^1]);
    }

    public static void AssertFigures(IReadOnlyList<string> lines)
    {
        Assert.Equal(
            from collector in (string[])["workstation", "server"] from function in (string[])["count_primes", "count_words", "fibonacci"] select $"{function} {collector}",
            lines.Select(static line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2))));
        Assert.All(lines, static line => Assert.Matches(@"threads, a scope each \d+\.\d\d ×, one scope \d+\.\d\d ×; processes \d+\.\d\d ×$", line));
    }
}
