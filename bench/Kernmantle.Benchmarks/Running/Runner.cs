using System.Diagnostics;
using System.Globalization;
using Kernmantle.Benchmarks.Catalogue;
using Kernmantle.Benchmarks.Measuring;
using Kernmantle.Benchmarks.Reporting;

namespace Kernmantle.Benchmarks.Running;

/// <summary>How long a run takes, and how thorough it is.</summary>
internal sealed record Plan(Mode Mode, int Rounds, TimeSpan Budget, int WarmMs, int TimeMs, TimeSpan Limit)
{
    public static Plan Of(Mode mode) => mode switch
    {
        Mode.Quick => new(mode, 3, TimeSpan.FromSeconds(260), 300, 250, TimeSpan.FromSeconds(30)),
        Mode.Full => new(mode, 7, TimeSpan.FromMinutes(13), 700, 1000, TimeSpan.FromSeconds(90)),
        _ => new(mode, 9, TimeSpan.FromMinutes(60), 1000, 2000, TimeSpan.FromMinutes(5)),
    };
}

/// <summary>Runs everything in turns: a round has every measure once, so that the machine's moods meet all alike.</summary>
internal sealed class Runner(Plan plan, Toolchains tools, Results results)
{
    public async Task<int> RunAsync(IReadOnlyList<Group> groups)
    {
        foreach (Side side in groups.SelectMany(static g => g.Measures).Select(static m => m.Side).Distinct())
        {
            if (await tools.PrepareAsync(side) is { } reason)
                Console.Error.WriteLine($"missing: {side}: {reason}");
        }
        var watch = Stopwatch.StartNew();
        int round = 0;
        TimeSpan last = default;
        // A round that would not be finished in time is not begun: half of one would favour those that came first.
        for (; round < plan.Rounds && (round == 0 || watch.Elapsed + last < plan.Budget); round++)
        {
            TimeSpan before = watch.Elapsed;
            foreach (Group group in groups)
                await RunAsync(group, round);
            last = watch.Elapsed - before;
            Console.Error.WriteLine($"round {round + 1} of at most {plan.Rounds}: {last.TotalSeconds:0} s");
        }
        return round;
    }

    private async Task RunAsync(Group group, int round)
    {
        // Forwards and backwards in turns: nobody always follows the same one.
        foreach (Measure measure in round % 2 == 0 ? group.Measures : group.Measures.Reverse())
        {
            if (round >= measure.MaxRounds || results.IsMissing(group, measure) || (measure.Nightly && plan.Mode != Mode.Nightly))
                continue;
            long start = Stopwatch.GetTimestamp();
            Outcome outcome = await RunAsync(measure);
            results.Add(group, measure, outcome);
            Line? main = outcome.Lines.Count > 0 ? outcome.Lines[0] : null;
            Console.Error.WriteLine($"  {group.Name,-9}{measure.Key(),-32}{(main is null ? $"missing: {outcome.Missing}" : Figures.Text(main.P50, main.Unit)),-20} in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        }
    }

    private async Task<Outcome> RunAsync(Measure measure)
    {
        if (await tools.PrepareAsync(measure.Side) is { } reason)
            return Outcome.Of(reason);
        string[] numbers = [.. new[] { plan.WarmMs, plan.TimeMs, measure.Count.Of(plan.Mode) }.Select(static n => n.ToString(CultureInfo.InvariantCulture))];
        string[] command = tools.Command(measure, numbers);
        if ((measure.Condition == Condition.OneCore ? Processors.First : Processors.Pair) is { } processors)
            command = ["taskset", "-c", processors, .. command];
        using IDisposable? busy = measure.Condition == Condition.Busy ? Processors.KeepBusy() : null;
        return await MeasureProcess.RunAsync(command, plan.Limit);
    }
}
