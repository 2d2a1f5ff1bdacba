using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Switch;

/// <summary>
/// Two threads, and two processes, pass a token through pipes: on one core, where each hand-over must be a context switch, and on two.
/// </summary>
internal sealed class SwitchExperiment() : Experiment("switch", "What does it cost to switch between threads, and between processes?")
{
    private const int Rounds = 7, RoundTrips = 2000;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(8);
    private static readonly CallOptions Patient = new() { Timeout = TimeSpan.FromSeconds(60) };

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        int[] processors = LibC.AllowedProcessors();
        using Scratch scratch = new();
        string there = scratch.Path("there"), back = scratch.Path("back");
        LibC.MakeFifo(there);
        LibC.MakeFifo(back);
        await using WorkerPool pool = WorkerPool.Processes(2, new() { LoggerFactory = context.Loggers });
        await pool.StartAsync(context.Stopping);
        Dictionary<string, List<double>> switches = [];

        Way Pair(string name, int? first, int? second, bool inProcesses) => new(name, async () =>
        {
            Player one = new(there, back, Begins: true, first, RoundTrips), two = new(back, there, Begins: false, second, RoundTrips);
            PlayerResult result;
            if (inProcesses)
            {
                // Two calls at once in a pool of two: each has a process of its own.
                PlayerResult[] results = await Task.WhenAll(
                    pool.With(Patient).RunAsync(static player => TokenGame.Play(player), one, context.Stopping),
                    pool.With(Patient).RunAsync(static player => TokenGame.Play(player), two, context.Stopping));
                result = TokenGame.Together(results[0], results[1]);
            }
            else
            {
                result = await pool.With(Patient).RunAsync(static (one, two) => TokenGame.PlayOnThreads(one, two), one, two, context.Stopping);
            }
            (switches.TryGetValue(name, out List<double>? list) ? list : switches[name] = []).Add(result.SwitchesPerRound / 2);
            return result.SecondsPerRound / 2;
        });

        List<Way> ways = [Pair("threads, one core", processors[0], processors[0], false), Pair("processes, one core", processors[0], processors[0], true)];
        if (processors.Length > 1)
            ways.AddRange([Pair("threads, two cores", processors[0], processors[1], false), Pair("processes, two cores", processors[0], processors[1], true)]);
        IReadOnlyDictionary<string, IReadOnlyList<double>> seconds = await Turns.TakeAsync(context, Rounds, Budget, ways);

        Pair? Of(string name) => seconds.TryGetValue(name, out IReadOnlyList<double>? times) ? new(Spread.Of(times), Spread.Of(switches[name].Skip(1))) : null;
        SwitchMeasured measured = new(
            Of("threads, one core")!,
            Of("processes, one core")!,
            Of("threads, two cores"),
            Of("processes, two cores"),
            Comparison.Ratio(seconds["processes, one core"], seconds["threads, one core"]));
        return new(measured.Figures(), SwitchVerdicts.Judge(measured), [measured.Plot()], [], []);
    }
}
