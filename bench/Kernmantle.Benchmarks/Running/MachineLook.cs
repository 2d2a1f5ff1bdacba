using Kernmantle.Benchmarks.Judging;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Running;

/// <summary>Looks at the machine between rounds: a program of its own, as every measure is.</summary>
internal static class MachineLook
{
    public static async Task<Look> TakeAsync(string? processors)
    {
        string[] command = [.. Self.Command, "measure", "machine", "150", "450"];
        Outcome outcome = await MeasureProcess.RunAsync(processors is null ? command : ["taskset", "-c", processors, .. command], TimeSpan.FromSeconds(60));
        double? Of(string metric) => outcome.Lines.FirstOrDefault(line => line.Metric == metric)?.P50;
        return Of("wake-up") is { } wakeUp && Of("copy") is { } copy
            ? new(Of("round-trip"), wakeUp, copy)
            : throw new InvalidOperationException($"The machine itself could not be measured: {outcome.Missing}");
    }
}
