using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Race;

/// <summary>Several threads change the same numbers: a counter, and the reference counts that are the reason for Python's global lock.</summary>
internal sealed class RaceExperiment() : Experiment("race", "What goes wrong when threads change the same numbers, and what does it cost to get it right?")
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
        await using WorkerPool processes = WorkerPool.Processes(2, new() { LoggerFactory = context.Loggers });
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
        IReadOnlyDictionary<string, IReadOnlyList<double>> counted = await Turns.TakeAsync(context.Part(0, 0.5), Rounds, Budget, [.. Steps.Keys.Select(Counter), inProcesses]);

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
            context.Part(0.5, 1), Rounds, Budget, [.. Steps.Keys.Select(Together), .. Steps.Keys.Select(Alone)]);

        RaceMeasured measured = new(
            Threads,
            Steps.Keys.ToDictionary(static guard => guard, guard => new CounterRuns(
                Spread.Of(lost[guard].Select(count => (double)count / (Threads * (long)Steps[guard]))),
                lost[guard].Count,
                lost[guard].Distinct().Count(),
                Spread.Of(counted[$"counter, {guard.Text()}"]))),
            Steps.Keys.ToDictionary(static guard => guard, guard => new ReferenceRuns(
                wrong[guard].Objects,
                wrong[guard].FreedEarly,
                wrong[guard].Leaked,
                Spread.Of(referenced[$"one thread, {guard.Text()}"]),
                Spread.Of(referenced[$"references, {guard.Text()}"]))),
            processesRight,
            Spread.Of(counted["counter, in processes"]));
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
