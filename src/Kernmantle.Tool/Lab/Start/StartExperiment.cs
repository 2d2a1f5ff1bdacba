using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Start;

/// <summary>From "start" to "has ended" with an empty function, for each thing that can run one.</summary>
internal sealed class StartExperiment() : Experiment("start", "What does it cost to start a thread, a process, or a call to one that runs already?")
{
    private const int Rounds = 9, ThreadsPerRound = 200, CallsPerRound = 2000;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(6);

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        await using WorkerPool warm = WorkerPool.Processes(1, new() { LoggerFactory = context.Loggers });
        await warm.StartAsync(context.Stopping);
        IReadOnlyDictionary<string, IReadOnlyList<double>> seconds = await Turns.TakeAsync(
            context,
            Rounds,
            Budget,
            new Way("thread", () => Each(ThreadsPerRound, static () =>
            {
                Thread thread = new(static () => { });
                thread.Start();
                thread.Join();
            })),
            new Way("pool thread", () => Each(CallsPerRound, static () => Task.Run(static () => { }).Wait())),
            new Way("process", () => Turns.Time(() =>
            {
                Worker worker = Worker.OnProcess("started", static () => { }, new() { LoggerFactory = context.Loggers });
                worker.Start();
                worker.Join().ThrowIfFailed();
            })),
            new Way("warm process", () => Each(CallsPerRound, () => warm.Run(static () => { }))));
        StartMeasured measured = StartMeasured.Of(seconds);
        return new(StartMeasured.Figures(measured), StartVerdicts.Judge(measured), [StartMeasured.Plot(measured)], [], []);
    }

    private static double Each(int count, Action action) => Turns.Time(() =>
    {
        for (int i = 0; i < count; i++)
            action();
    }) / count;
}
