using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Single;

/// <summary>The same work by 1, 2 and 4 threads, pinned to one core and not; and what a lock costs that nobody else wants.</summary>
internal sealed class SingleExperiment() : Experiment("single", "What do threads gain on one core, and what does a lock cost one thread?")
{
    private const int Units = 4, Rounds = 7, LockTimes = 1_000_000;
    private static readonly int[] ThreadCounts = [1, 2, 4];
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(8);

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        int[] processors = LibC.AllowedProcessors();
        long steps = Load.CalibratedSteps();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = context.Loggers });
        await pool.StartAsync(context.Stopping);
        Way Work(string name, int threads, long unit, int? processor) =>
            new($"{name}, {threads} threads", () => pool.RunAsync(static work => SingleWork.Run(work), new SharedWork(threads, Units, unit, processor), context.Stopping));
        IReadOnlyDictionary<string, IReadOnlyList<double>> seconds = await Turns.TakeAsync(
            context,
            Rounds,
            Budget,
            [
                .. ThreadCounts.Select(threads => Work("computing, one core", threads, steps, processors[0])),
                .. ThreadCounts.Select(threads => Work("waiting, one core", threads, 0, processors[0])),
                .. ThreadCounts.Select(threads => Work("computing, all cores", threads, steps, null)),
                new Way("a lock alone", static () => Turns.Time(static () => LockedWork.TakeAndRelease(LockTimes)) / LockTimes),
                new Way("a look whether it is wanted", static () => Turns.Time(static () => LockedWork.LookWhetherWanted(LockTimes)) / LockTimes),
                new Way("work without a lock", () => Turns.Time(() => LockedWork.Plain(steps))),
                new Way("work under a lock", () => Turns.Time(() => LockedWork.UnderLock(steps))),
            ]);
        ThreadRuns Runs(string name) => ThreadRuns.Of(ThreadCounts.ToDictionary(static threads => threads, threads => seconds[$"{name}, {threads} threads"]));
        SingleMeasured measured = new(
            processors.Length,
            Runs("computing, one core"),
            Runs("waiting, one core"),
            Runs("computing, all cores"),
            Spread.Of(seconds["a lock alone"]),
            Spread.Of(seconds["a look whether it is wanted"]),
            Comparison.Ratio(seconds["work under a lock"], seconds["work without a lock"]));
        return new(measured.Figures(), SingleVerdicts.Judge(measured), [measured.Plot()], [], []);
    }
}
