using Kernmantle.Python;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>Looks for the interpreters of this machine beside the one that is used by itself, and measures what they gain.</summary>
/// <param name="folder">Where <see cref="PythonModules"/> are.</param>
internal sealed class InterpreterSurvey(LabContext context, string folder)
{
    /// <summary>Two at once show whether they run at once, and Jython takes seconds for each process.</summary>
    private const int Workers = 2, Units = 2, Rounds = 5;

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(6);

    /// <summary>Those that may have no global lock, or another one.</summary>
    private static readonly string[] Names = ["python3.14t", "python3.13t", "pypy3", "jython"];

    /// <summary>CPythons that may have sub-interpreters with a lock each, where the one that is used by itself has none.</summary>
    private static readonly string[] Newer = ["python3.14", "python3.13", "python3.12"];

    private readonly List<InterpreterMeasured> found = [];
    private readonly List<string> notes = [];

    /// <summary>What was not measured, and why.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <param name="used">The Python that is used by itself, and has been measured; null if there is none.</param>
    public async Task<IReadOnlyList<InterpreterMeasured>> RunAsync(InterpreterMeasured? used)
    {
        if (used is not null)
            found.Add(used);
        context.Step("sub-interpreters", 0);
        await SubInterpretersAsync(used?.Python);
        foreach ((string name, int index) in Names.Select(static (name, index) => (name, index)))
        {
            context.Step(name, 0.2 * (1 + index));
            if (IsInPath(name))
                await TryAsync(name, () => InterpreterAsync(new(name, name, folder, context.Loggers)));
        }
        if (!found.Exists(static one => one.Python.Implementation == "jython"))
            notes.Add("Not measured: Jython, which is not here, or does not start (Debian: apt-get install jython).");
        await IronPythonAsync();
        notes.AddRange(found.Where(static one => one.Missing.Count > 0).Select(static one =>
            $"Not measured, of {one.Name}: {string.Join("; ", one.Missing.OrderBy(static missing => missing.Key).Select(static missing => $"{missing.Key.Text()}, {missing.Value}"))}."));
        return found;
    }

    /// <summary>Of the Python that is used by itself; if it has none, of the first newer one that has.</summary>
    private async Task SubInterpretersAsync(PythonSeen? used)
    {
        bool measured = used is not null && await TryAsync("sub-interpreters", () => OfAsync(new(Places.Python, null, folder, context.Loggers)));
        foreach (string name in Newer.Where(IsInPath))
        {
            if (!measured)
                measured = await TryAsync(name, () => OfAsync(new(name, name, folder, context.Loggers)));
        }

        async Task<bool> OfAsync(PythonSource source)
        {
            await using SubInterpreterRun run = await SubInterpreterRun.StartAsync(source, Workers, context.Stopping);
            if (run.Place is { } place)
                found.Add(run.Measured((await MeasureAsync([place]))[place.Name]));
            else
                notes.Add($"Not measured: sub-interpreters of {run.Python}: {run.Lacking}.");
            return run.Place is not null;
        }
    }

    private async Task<bool> InterpreterAsync(PythonSource source)
    {
        await using PythonRun run = await PythonRun.StartAsync(source, Workers, context.Stopping);
        if (!found.Exists(one => one.Variant is null && one.Python == run.Python))
            found.Add(await run.MeasureAsync(await MeasureAsync(run.Places), context.Stopping));
        return true;
    }

    private async Task IronPythonAsync()
    {
        context.Step("ironpython", 0.95);
        if (Environment.GetEnvironmentVariable(IronPythonEngine.Variable) is not { Length: > 0 } assemblies)
        {
            notes.Add($"Not measured: IronPython. Name the folder of its assemblies in {IronPythonEngine.Variable} (docs/ironpython.md).");
            return;
        }
        await TryAsync("IronPython", async () =>
        {
            await using ScopedRun<IronPythonEngine> run = await ScopedRun<IronPythonEngine>.StartAsync(assemblies, Workers, context.Loggers, context.Stopping);
            found.AddRange(await run.MeasureAsync(await MeasureAsync(run.Places), context.Stopping));
            return true;
        });
    }

    private Task<IReadOnlyDictionary<string, PlaceRuns>> MeasureAsync(IReadOnlyList<IWorkPlace> places) =>
        WorkPlaces.MeasureAsync(context with { Report = static (_, _) => { } }, places, [1, Workers], Units, Rounds, Budget);

    /// <summary>An interpreter that does not start, or dies of its work, is told; the others are measured all the same.</summary>
    private async Task<bool> TryAsync(string name, Func<Task<bool>> measure)
    {
        try
        {
            return await measure();
        }
        catch (Exception e) when (e is WorkerException or PythonNotFoundException)
        {
            context.Stopping.ThrowIfCancellationRequested();
            notes.Add($"Not measured: {name}. {UnavailableException.ReasonOf(e) ?? FirstSentence((e as PoolBrokenException)?.InnerException ?? e)}");
            return false;
        }
    }

    /// <summary>The others say what to look at, for whoever chose the interpreter; here nobody did.</summary>
    private static string FirstSentence(Exception failure) => failure.Message.Split(". ")[0].TrimEnd('.') + ".";

    private static bool IsInPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, name)));
}
