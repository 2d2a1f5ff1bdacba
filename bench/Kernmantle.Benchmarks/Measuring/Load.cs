namespace Kernmantle.Benchmarks.Measuring;

/// <summary>What a call that computes has to do in Python.</summary>
internal static class Load
{
    /// <summary>Some milliseconds.</summary>
    public const int Steps = 100_000;
}
