using System.Globalization;

namespace Kernmantle.Contracts.Repeating;

/// <summary>How much is tried: CI tries 100 000 with eng/fuzz, the night millions. <c>KERNMANTLE_FUZZ</c> raises the count, <c>KERNMANTLE_FUZZ_SEED</c> tries the same again.</summary>
public static class Fuzzing
{
    public static bool IsAtLength { get; } = Variable("KERNMANTLE_FUZZ") != null;

    public static int Count { get; } = Variable("KERNMANTLE_FUZZ") ?? 6_000;

    public static int Seed { get; } = Variable("KERNMANTLE_FUZZ_SEED") ?? Environment.TickCount & int.MaxValue;

    internal static int? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
