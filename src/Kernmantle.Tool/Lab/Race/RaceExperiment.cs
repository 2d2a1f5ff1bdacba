using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Race;

/// <summary>
/// Several threads change the same numbers: a counter, and the reference counts that are the reason for Python's global lock. Worker processes that share a number do the same, and one of them is killed while it has a lock.
/// </summary>
internal sealed class RaceExperiment() : Experiment("race", "What goes wrong when threads, or processes, change the same numbers, and what does it cost to get it right?")
{
    private const int Threads = 4, Rounds = 7, Objects = 64;

    /// <summary>Long enough that even on one core each thread is interrupted in between.</summary>
    private static readonly IReadOnlyDictionary<Guard, int> Steps = new Dictionary<Guard, int>
    {
        [Guard.None] = 4_000_000,
        [Guard.Atomic] = 1_000_000,
        [Guard.Lock] = 200_000,
        [Guard.GlobalLock] = 4_000_000,
    };

    /// <summary>Threads have the global lock besides: it is one process's.</summary>
    private static readonly Guard[] SharedGuards = [Guard.None, Guard.Atomic, Guard.Lock];

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(4);

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        Dictionary<Guard, List<long>> lost = Steps.Keys.ToDictionary(static guard => guard, static _ => new List<long>());
        Way Counter(Guard guard) => new($"counter, {guard.Text()}", () =>
        {
            Kernels.Counter = 0;
            double seconds = Crowd.Run(Threads, _ => Kernels.Increment(guard, Steps[guard]));
            lost[guard].Add(Threads * (long)Steps[guard] - Kernels.Counter);
            return seconds / Steps[guard];
        });

        bool processesRight = true;
        await using WorkerPool processes = WorkerPool.Processes(SharedCounter.Processes, new() { LoggerFactory = context.Loggers });
        await processes.StartAsync(context.Stopping);
        Way inProcesses = new("counter, in processes", async () =>
        {
            Kernels.Counter = 0;
            int steps = Steps[Guard.None];
            Task<long>[] counts = [];
            double seconds = await Turns.TimeAsync(() =>
            {
                counts = [processes.RunAsync(static steps => CountAlone(steps), steps, context.Stopping), processes.RunAsync(static steps => CountAlone(steps), steps, context.Stopping)];
                return Task.WhenAll(counts);
            });
            processesRight &= counts.Sum(static count => count.Result) == 2L * steps && Kernels.Counter == 0;
            return seconds / steps;
        });
        Dictionary<Guard, List<long>> lostShared = SharedGuards.ToDictionary(static guard => guard, static _ => new List<long>());
        using SharedCounter sharedCounter = new();
        Way Shared(Guard guard) => new($"shared by processes, {guard.SharedText()}", async () =>
        {
            (double seconds, long gone) = await sharedCounter.RunAsync(processes, guard, Steps[guard], context.Stopping);
            lostShared[guard].Add(gone);
            return seconds / Steps[guard];
        });
        IReadOnlyDictionary<string, IReadOnlyList<double>> counted = await Turns.TakeAsync(context.Part(0, 0.5), Rounds, Budget, [.. Steps.Keys.Select(Counter), inProcesses, .. SharedGuards.Select(Shared)]);

        Dictionary<Guard, (int Objects, int FreedEarly, int Leaked)> wrong = Steps.Keys.ToDictionary(static guard => guard, static _ => (0, 0, 0));
        Way Together(Guard guard) => new($"references, {guard.Text()}", () =>
        {
            Counted[] objects = New();
            double seconds = Crowd.Run(Threads, _ => Kernels.TakeAndGive(guard, objects, Steps[guard]));
            (int all, int early, int leaked) = wrong[guard];
            // Freed, or one short: the owner's own release would be the second one.
            wrong[guard] = (all + objects.Length, early + objects.Count(static one => one.Freed || one.References < 1), leaked + objects.Count(static one => !one.Freed && one.References > 1));
            return seconds / Steps[guard];
        });
        Way Alone(Guard guard) => new($"one thread, {guard.Text()}", () => Crowd.Run(1, _ => Kernels.TakeAndGive(guard, New(), Steps[guard])) / Steps[guard]);
        IReadOnlyDictionary<string, IReadOnlyList<double>> referenced = await Turns.TakeAsync(
            context.Part(0.5, 0.9), Rounds, Budget, [.. Steps.Keys.Select(Together), .. Steps.Keys.Select(Alone)]);

        AbandonedLock abandoned = await AbandonedWork.MeasureAsync(context.Part(0.9, 1));

        CounterRuns Runs(Guard guard, List<long> gone, int counters, Way way) => new(
            Spread.Of(gone.Select(count => (double)count / (counters * (long)Steps[guard]))), gone.Count, gone.Distinct().Count(), Spread.Of(counted[way.Name]));
        RaceMeasured measured = new(
            Threads,
            Steps.Keys.ToDictionary(static guard => guard, guard => Runs(guard, lost[guard], Threads, Counter(guard))),
            SharedGuards.ToDictionary(static guard => guard, guard => Runs(guard, lostShared[guard], SharedCounter.Processes, Shared(guard))),
            Steps.Keys.ToDictionary(static guard => guard, guard => new ReferenceRuns(
                wrong[guard].Objects,
                wrong[guard].FreedEarly,
                wrong[guard].Leaked,
                Spread.Of(referenced[$"one thread, {guard.Text()}"]),
                Spread.Of(referenced[$"references, {guard.Text()}"]))),
            processesRight,
            Spread.Of(counted["counter, in processes"]),
            abandoned);
        return new(measured.Figures(), RaceVerdicts.Judge(measured), [measured.Plot()], measured.Tables(), []);
    }

    private static long CountAlone(int steps)
    {
        Kernels.Counter = 0;
        Kernels.Increment(Guard.None, steps);
        return Kernels.Counter;
    }

    private static Counted[] New() => [.. Enumerable.Range(0, Objects).Select(static _ => new Counted())];
}
