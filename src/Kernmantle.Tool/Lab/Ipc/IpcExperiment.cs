using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>Messages of every size by every way, to a worker process and, by a variable, to a thread; and the smaller ones by channels over the same ways.</summary>
internal sealed class IpcExperiment() : Experiment("ipc", "What does it cost to talk between threads and between processes?")
{
    private static readonly int[] Sizes = [64, 1 << 10, 16 << 10, 256 << 10, 4 << 20, 64 << 20];

    /// <summary>What fits into one item of a channel, by all ways.</summary>
    private const int LargestItem = 1 << 10;

    private const int Rounds = 9;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(6);

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        WireKind[] kinds = Enum.GetValues<WireKind>();
        using Scratch scratch = new();
        await using WorkerPool processes = WorkerPool.Processes(kinds.Count(static kind => !kind.IsOfThreads()), new() { LoggerFactory = context.Loggers });
        context.Step("starting", 0);
        await processes.StartAsync(context.Stopping);
        Dictionary<WireKind, Sender> senders = [];
        try
        {
            foreach (WireKind kind in kinds)
                senders.Add(kind, Sender.Open(kind, scratch, processes, kind.IsChannel() ? LargestItem : Sizes[^1], context.Stopping));
            byte[] bytes = new byte[Sizes[^1]];
            Random.Shared.NextBytes(bytes);
            foreach (Sender sender in senders.Values)
            {
                context.Step($"warming up {sender.Kind.Text()}", 0);
                await sender.WarmUpAsync(bytes.AsMemory(0, Sizes[0]));
            }
            Dictionary<Exchange, IReadOnlyList<double>> measured = [];
            for (int i = 0; i < Sizes.Length; i++)
            {
                int size = Sizes[i];
                Exchange[] exchanges =
                [
                    .. kinds.Where(kind => !kind.IsChannel() || size <= LargestItem).Select(kind => new Exchange(kind, size, EachAnswered: true)),
                    .. kinds.Where(kind => senders[kind].Flows && size <= LargestItem).Select(kind => new Exchange(kind, size, EachAnswered: false)),
                ];
                IReadOnlyDictionary<string, IReadOnlyList<double>> times = await Turns.TakeAsync(
                    context.Part((double)i / Sizes.Length, (i + 1.0) / Sizes.Length),
                    Rounds,
                    Budget,
                    [.. exchanges.Select(exchange => new Way(exchange.Name, () => senders[exchange.Kind].MeasureAsync(bytes.AsMemory(0, size), exchange.EachAnswered)))]);
                foreach (Exchange exchange in exchanges)
                    measured.Add(exchange, times[exchange.Name]);
            }
            IpcMeasured result = new([.. senders.Values.Select(sender => Sum(sender, measured))]);
            return new(result.Figures(), IpcVerdicts.Judge(result), result.Plots(), result.Tables(), []);
        }
        finally
        {
            foreach (Sender sender in senders.Values)
                await sender.DisposeAsync();
            await processes.KillAsync();   // one that still waits for a message waits for ever
        }
    }

    private static WayMeasured Sum(Sender sender, Dictionary<Exchange, IReadOnlyList<double>> measured)
    {
        Dictionary<int, Spread> Of(bool eachAnswered) => measured
            .Where(one => one.Key.Kind == sender.Kind && one.Key.EachAnswered == eachAnswered)
            .ToDictionary(static one => one.Key.Size, static one => Spread.Of(one.Value));
        WireKind threads = sender.Kind.IsChannel() ? WireKind.ThreadChannel : WireKind.SharedVariable;
        return new(
            sender.Kind,
            Of(eachAnswered: true),
            Of(eachAnswered: false),
            Comparison.Ratio(measured[new(sender.Kind, Sizes[0], EachAnswered: true)], measured[new(threads, Sizes[0], EachAnswered: true)]),
            sender.AllRight);
    }

    /// <summary>What is measured in turns.</summary>
    private sealed record Exchange(WireKind Kind, int Size, bool EachAnswered)
    {
        public string Name => $"{Units.Format(Size, Unit.Bytes)}, {Kind.Text()}{(EachAnswered ? "" : ", one way")}";
    }
}
