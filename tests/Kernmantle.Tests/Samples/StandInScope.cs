using System.Numerics;
using System.Text.RegularExpressions;
using IronPythonSample;

namespace Kernmantle.Tests.Samples;

/// <summary>
/// What samples/IronPython wants of an engine, without one. A source defines the functions that it names, and C# is behind the names; what it does not
/// define is not there, what it remembers is its scope's own, and a loop without end has none.
/// </summary>
internal sealed partial class StandInScope : IPythonScope
{
    private static readonly Barrier Meeting = new(2);
    private readonly HashSet<string> defined = [];
    private int sold;

    public void Run(string source)
    {
        while (Endless().IsMatch(source))
        {
        }
        defined.UnionWith(Definition().Matches(source).Select(static found => found.Groups[1].Value));
    }

    public object? Call(string function, params object?[] arguments) => (defined.Contains(function) ? function : null, arguments) switch
    {
        ("invoice", [Order order]) => new Dictionary<object, object> { ["total"] = order.Prices.Sum(), ["customer"] = order.Customer, ["items"] = order.Prices.Length },
        ("sell", [int count]) => sold += count,
        ("power", [int number, int exponent]) => BigInteger.Pow(number, exponent),
        ("divide", [int a, int b]) => a / b,
        ("count_primes", [int limit]) => Enumerable.Range(2, limit).Count(static n => !Enumerable.Range(2, n - 2).Any(divisor => n % divisor == 0)),
        ("count_words", [int rounds]) => Enumerable.Range(0, rounds).Select(static n => $"w{n % 100}").Distinct().Count(),
        ("fibonacci", [int n]) => Fibonacci(n),
        ("meet", [TimeSpan deadline]) => Meeting.SignalAndWait(deadline),
        _ => throw new MissingMemberException($"There is no function {function} that takes these {arguments.Length} arguments."),
    };

    private static int Fibonacci(int n) => n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2);

    [GeneratedRegex(@"^def (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Definition();

    [GeneratedRegex(@"\Awhile True:\s+pass\s*\z")]
    private static partial Regex Endless();
}
