using System.Globalization;

namespace Kernmantle.Benchmarks.Measuring;

/// <summary>How long to warm up, how long to measure, and how many where a number is fixed. The same three numbers for every language.</summary>
internal sealed record Settings(int WarmMs, int TimeMs, int Count)
{
    public static Settings Parse(ReadOnlySpan<string> arguments) => new(At(arguments, 0, 500), At(arguments, 1, 500), At(arguments, 2, 10_000));

    private static int At(ReadOnlySpan<string> arguments, int index, int fallback) =>
        index < arguments.Length ? int.Parse(arguments[index], CultureInfo.InvariantCulture) : fallback;
}
