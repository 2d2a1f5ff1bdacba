using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare;

/// <summary>The user's method, in every place, in turns.</summary>
internal static class MethodComparison
{
    public static async Task<IReadOnlyList<PlaceResult>> RunAsync(ToolSession session, SubjectSpec spec, int workers, int rounds, TimeSpan timeout, Action<string, double> report)
    {
        bool isAsynchronous = Subject.Open(spec).IsAsynchronous;   // says what is wrong before anything is started
        Place[] places = [Place.Sequential, Place.Threads, Place.Processes, Place.GlobalLock, .. isAsynchronous ? (Place[])[Place.EventLoop] : []];
        var running = new List<RunningPlace>();
        try
        {
            foreach (Place place in places)
            {
                report($"opening {Places.Name(place, workers)}", 0);
                running.Add(await RunningPlace.OpenAsync(session, spec, place, workers, timeout));
            }
            for (int round = -1; round < rounds; round++)   // the first one warms up
            {
                // Another one begins each time, so that none is always the one behind the slowest.
                foreach (RunningPlace place in running.Skip((round + 1) % running.Count).Concat(running.Take((round + 1) % running.Count)))
                {
                    report($"{place.Name}, round {round + 1}", (round + 1.0) / (rounds + 1));
                    await place.RunAsync(isMeasured: round >= 0, session.Stopping);
                }
            }
            return [.. running.Select(static p => p.Result)];
        }
        finally
        {
            foreach (RunningPlace place in running)
                await place.DisposeAsync();
        }
    }

    private sealed class RunningPlace(Place place, string name, TimeSpan timeout) : IAsyncDisposable
    {
        private readonly List<Round> rounds = [];
        private WorkerPool? pool;
        private Remote<PlaceHost>? host;
        private string? ended;

        public string Name => name;

        public PlaceResult Result => new(place, name, rounds, ended);

        public static async Task<RunningPlace> OpenAsync(ToolSession session, SubjectSpec spec, Place place, int workers, TimeSpan timeout)
        {
            var running = new RunningPlace(place, Places.Name(place, workers), timeout)
            {
                pool = WorkerPool.Processes(1, new() { Name = place.ToString(), LoggerFactory = session.Loggers, Environment = new Dictionary<string, string?> { ["DOTNET_PROCESSOR_COUNT"] = Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture) } }),
            };
            try
            {
                running.host = await running.pool.CreateAsync(static given => PlaceHost.OpenAsync(given.Spec, given.Place, given.Workers), (Spec: spec, Place: place, Workers: workers), cancellationToken: session.Stopping);
            }
            catch (WorkerException e)
            {
                running.ended = Why(e);
            }
            return running;
        }

        public async Task RunAsync(bool isMeasured, CancellationToken cancellationToken)
        {
            if (ended is not null)
                return;
            try
            {
                Round round = await host!.CallAsync(static place => place.RunAsync(), new CallOptions { Timeout = timeout, Name = name }, cancellationToken);
                if (isMeasured)
                    rounds.Add(round);
            }
            catch (WorkerException e)
            {
                ended = Why(e);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (pool is not null)
                await pool.KillAsync();
        }

        private static string Why(WorkerException failure) => failure switch
        {
            CallTimeoutException late => $"a round took longer than {late.Timeout.TotalSeconds:0.#} s (--timeout).",
            WorkerCrashedException { Reason: CrashReason.RuntimeAbort } crash when crash.LastLogLines.Any(static l => l.StartsWith("Stack overflow", StringComparison.Ordinal)) => "it ended the program: stack overflow.",
            WorkerCrashedException crash => $"it ended the program: {(crash.Signal is { } signal ? $"signal {signal}" : $"exit code {crash.ExitCode}")}.",
            _ => failure.Message,
        };
    }
}
