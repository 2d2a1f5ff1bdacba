using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>Messages of every size by every way, to a worker process and, by a variable, to a thread.</summary>
internal sealed class IpcExperiment() : Experiment("ipc", "What does it cost to talk between threads and between processes?")
{
    private static readonly int[] Sizes = [64, 1 << 10, 16 << 10, 256 << 10, 4 << 20, 64 << 20];
    private const int Rounds = 9;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(6);

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        using Scratch scratch = new();
        await using WorkerPool processes = WorkerPool.Processes(Enum.GetValues<WireKind>().Length - 1, new() { LoggerFactory = context.Loggers });
        context.Step("starting", 0);
        await processes.StartAsync(context.Stopping);
        List<Sender> senders = [];
        try
        {
            foreach (WireKind kind in Enum.GetValues<WireKind>())
                senders.Add(Sender.Open(kind, scratch, processes, Sizes[^1], context.Stopping));
            byte[] bytes = new byte[Sizes[^1]];
            Random.Shared.NextBytes(bytes);
            foreach (Sender sender in senders)
            {
                context.Step($"warming up {sender.Kind.Text()}", 0);
                await sender.WarmUpAsync(bytes.AsMemory(0, Sizes[0]));
            }
            Dictionary<WireKind, Spread> overThreads = [];
            Dictionary<WireKind, Dictionary<int, Spread>> seconds = senders.ToDictionary(static sender => sender.Kind, static _ => new Dictionary<int, Spread>());
            for (int i = 0; i < Sizes.Length; i++)
            {
                ReadOnlyMemory<byte> message = bytes.AsMemory(0, Sizes[i]);
                IReadOnlyDictionary<string, IReadOnlyList<double>> measured = await Turns.TakeAsync(
                    context.Part((double)i / Sizes.Length, (i + 1.0) / Sizes.Length),
                    Rounds,
                    Budget,
                    [.. senders.Select(sender => new Way($"{Units.Format(message.Length, Unit.Bytes)}, {sender.Kind.Text()}", () => sender.MeasureAsync(message)))]);
                // In the order of the senders; the variable is the last.
                foreach ((Sender sender, IReadOnlyList<double> times) in senders.Zip(measured.Values))
                {
                    seconds[sender.Kind][Sizes[i]] = Spread.Of(times);
                    if (i == 0)
                        overThreads[sender.Kind] = Comparison.Ratio(times, measured.Values.Last());
                }
            }
            IpcMeasured result = new([.. senders.Select(sender => new WayMeasured(sender.Kind, seconds[sender.Kind], overThreads[sender.Kind], sender.AllRight))]);
            return new(result.Figures(), IpcVerdicts.Judge(result), result.Plots(), [result.Table()], []);
        }
        finally
        {
            foreach (Sender sender in senders)
                await sender.DisposeAsync();
            await processes.KillAsync();   // one that still waits for a message waits for ever
        }
    }
}
