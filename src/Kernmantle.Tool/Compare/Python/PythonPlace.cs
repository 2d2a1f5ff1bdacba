using System.Diagnostics;
using Kernmantle.Python;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Compare.Places;
using Kernmantle.Tool.Statistics;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare.Python;

/// <summary>What the two kinds of place for a Python function share.</summary>
/// <param name="interpreters">How many interpreters the place has.</param>
internal abstract class PythonPlace(Place place, string name, PythonFunction function, int interpreters, TimeSpan timeout, Func<string, PythonPoolOptions> options) : IPlace
{
    private protected const string Module = "kern_compare";
    private const int Shown = 100, ShownLetters = 60;

    public Place Place => place;

    public string Name => name;

    private protected PythonFunction Function => function;

    private protected TimeSpan Limit => timeout;

    private protected PythonPool Pool { get; } = new(interpreters, options(name));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        (int needed, int possible, _, string[]? near) = await GuardAsync(
            token => Pool.CallAsync<(int, int, bool, string[]?)>($"{Module}:check", PythonArguments.Of(function.File, function.Name), new() { Timeout = timeout }, token), cancellationToken);
        string called = $"{Path.GetFileName(function.File)}:{function.Name}";
        if (near is not null)
            throw new ToolException($"There is no function '{called}'.", NearNames.Remedy(function.Name, near));
        int given = function.Arguments[0].Length;
        if (given < needed || given > possible)
        {
            throw new ToolException(
                $"'{called}' takes {(needed == possible ? needed : $"{needed} to {possible}")} arguments, and gets {given}.",
                needed == 1 ? "Give inputs by --lines, --files or --json-lines: each is one call." : needed == 0 ? "Leave the inputs out." : "Write a function with one and name that.");
        }
    }

    public abstract Task<RoundAnswer> RoundAsync(CancellationToken cancellationToken);

    public virtual ValueTask DisposeAsync() => Pool.DisposeAsync();

    /// <summary>A script that cannot be loaded is the user's to mend; an interpreter that died, or was killed, is a lost place.</summary>
    private protected async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(cancellationToken);
        }
        catch (CallTimeoutException)
        {
            throw TooLong();
        }
        catch (Exception e) when (PlaceLostException.IsLoss(e))
        {
            throw new PlaceLostException(PlaceEnd.EndsProgram, Messages.Of(e));
        }
        catch (PythonException e)
        {
            throw new ToolException($"'{function.File}' raises {Messages.Of(e)} when it is loaded.", "'python3' shows where.", inner: e);
        }
    }

    private protected PlaceLostException TooLong() =>
        new(PlaceEnd.NeverEnds, $"a round was not over after {Units.Format(timeout.TotalSeconds, Unit.Seconds)} (--timeout)");

    private protected static RoundAnswer Answer(RoundFigures figures, object?[]? results, int[] failed, string? firstFailure)
    {
        // A call that failed has no result.
        string?[] texts = results is null ? [] : [.. results.Select((result, index) => failed.Contains(index) ? null : CanonicalText.Of(result))];
        return new(
            figures,
            failed.Length,
            firstFailure,
            [.. texts.Select(static text => text is null ? 0 : CanonicalText.Mark(text))],
            [.. texts.Take(Shown).Select(static text => text is null ? "" : text.Length > ShownLetters ? text[..ShownLetters] + "…" : text)]);
    }

    /// <summary>What Python does not tell is null.</summary>
    private protected static RoundFigures Figures(IReadOnlyList<PythonUsage> before, IReadOnlyList<PythonUsage> after, double wall) =>
        RoundFigures.Between([.. before.Select(static usage => usage.AsUsage())], [.. after.Select(static usage => usage.AsUsage())], wall) with { AllocatedBytes = null, GcPauseSeconds = null };
}

/// <summary>What an interpreter has used: the tuple that the module's <c>usage</c> returns.</summary>
internal readonly record struct PythonUsage(int Process, double CpuSeconds, long Switches, long PeakBytes)
{
    public static PythonUsage Of((int Process, double CpuSeconds, long Switches, long PeakBytes) told) => new(told.Process, told.CpuSeconds, told.Switches, told.PeakBytes);

    public Usage AsUsage() => new(Process, CpuSeconds, 0, 0, Switches, PeakBytes);
}

/// <summary>One after the other, on threads, or on asyncio, inside one interpreter.</summary>
internal sealed class InsidePlace(Place place, string name, PythonFunction function, int workers, TimeSpan timeout, Func<string, PythonPoolOptions> options)
    : PythonPlace(place, name, function, interpreters: 1, timeout, options)
{
    private readonly int workers = workers;

    public override async Task<RoundAnswer> RoundAsync(CancellationToken cancellationToken)
    {
        ((int, double, long, long) before, (int, double, long, long) after, double wall, int[] failed, string firstFailure) = await GuardAsync(
            token => Pool.CallAsync<((int, double, long, long), (int, double, long, long), double, int[], string)>(
                $"{Module}:round_of", PythonArguments.Of(Name, Function.File, Function.Name, Function.Arguments, workers), new() { Timeout = Limit }, token),
            cancellationToken);
        object?[]? results = await GuardAsync(ResultsAsync, cancellationToken);
        return Answer(Figures([PythonUsage.Of(before)], [PythonUsage.Of(after)], wall), results, failed, failed.Length > 0 ? firstFailure : null);
    }

    private async Task<object?[]?> ResultsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Pool.CallAsync<object?[]>($"{Module}:results", PythonArguments.None, cancellationToken: cancellationToken);
        }
        catch (Exception e) when (e is PythonConversionException or PythonException)
        {
            return null;   // inside one interpreter nothing has to cross: then there is nothing to compare, and the processes say why
        }
    }
}

/// <summary>Several interpreters.</summary>
internal sealed class BesidePlace(PythonFunction function, int workers, TimeSpan timeout, Func<string, PythonPoolOptions> options, string folder)
    : PythonPlace(Place.Processes, "processes", function, workers, timeout, options)
{
    private readonly Gate gate = new(Path.Combine(folder, "gate"));

    public override async Task<RoundAnswer> RoundAsync(CancellationToken cancellationToken)
    {
        PythonUsage[] before = await ReadAsync("fresh_at_gate", cancellationToken);
        object?[] results = new object?[Function.Arguments.Length];
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Limit);
        List<int> failed = [];
        string? firstFailure = null;
        long begin = Stopwatch.GetTimestamp();
        try
        {
            await foreach (MapResult<(string, string, object?[]), object?> item in Pool.MapAsync<(string, string, object?[]), object?>(
                $"{Module}:one_of_many", Function.Arguments.Select(arguments => (Function.File, Function.Name, arguments)), cancellationToken: late.Token))
            {
                if (item.IsSuccess)
                {
                    results[item.Index] = item.Value;
                    continue;
                }
                if (item.Failure is OperationCanceledException && late.IsCancellationRequested)
                    break;
                failed.Add((int)item.Index);
                firstFailure ??= Messages.Of(item.Failure!);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            // Below.
        }
        double wall = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        cancellationToken.ThrowIfCancellationRequested();
        if (late.IsCancellationRequested)
            throw TooLong();
        PythonUsage[] after = await ReadAsync("at_gate", cancellationToken);
        return Answer(Figures(before, after, wall), results, [.. failed], firstFailure);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        gate.Dispose();
    }

    private async Task<PythonUsage[]> ReadAsync(string function, CancellationToken cancellationToken)
    {
        (int, double, long, long)[] told = await gate.EachAsync(
            Pool.WorkerCount, address => Pool.CallAsync<(int, double, long, long)>($"{Module}:{function}", address), cancellationToken);
        return [.. told.Select(PythonUsage.Of)];
    }
}
