using System.Diagnostics;
using System.Globalization;
using Kernmantle.Benchmarks.Catalogue;
using Kernmantle.Benchmarks.Judging;
using Kernmantle.Benchmarks.Measuring;
using Kernmantle.Benchmarks.Reporting;

namespace Kernmantle.Benchmarks.Running;

/// <summary>
/// Runs everything in turns: a round has every measure once, ours beside its peers, so that the machine's moods meet all alike. Between
/// rounds it looks at the machine, and before each group at what other programs do meanwhile.
/// </summary>
internal sealed class Runner(Plan plan, Toolchains tools, Results results)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch watch = new();
    private int starts, done;

    public async Task<Conditions> RunAsync(IReadOnlyList<Group> groups)
    {
        foreach (Side side in groups.SelectMany(static g => g.Measures).Select(static m => m.Side).Distinct())
        {
            if (await tools.PrepareAsync(side) is { } reason)
                Console.Error.WriteLine($"no peers in {side}: {reason}");
        }
        watch.Start();
        starts = plan.Starts(groups);
        ProcessorTimes begin = ProcessorTimes.Now(Processors.Used);
        var looks = new List<Look> { await MachineLook.TakeAsync(Processors.Pair) };
        var others = new List<double>();
        Console.Error.WriteLine($"{Report.ThisMachine}; {MachineText.Of(looks, ProcessorTimes.Now(Processors.Used).StolenSince(begin), null)}");
        for (int round = 0; round < plan.Rounds; round++)
        {
            double busy = 0;
            foreach (Group group in groups)
            {
                busy += await LookAtOthersAsync();
                await RunAsync(group, round);
            }
            others.Add(busy / groups.Count);
            looks.Add(await MachineLook.TakeAsync(Processors.Pair));
        }
        return new(looks, ProcessorTimes.Now(Processors.Used).StolenSince(begin), others, plan.Rounds, groups.Count == Topics.Groups.Count);
    }

    /// <summary>While nothing of ours runs: what is busy then is somebody else.</summary>
    private static async Task<double> LookAtOthersAsync()
    {
        ProcessorTimes before = ProcessorTimes.Now(Processors.Used);
        await Task.Delay(Pause);
        return ProcessorTimes.Now(Processors.Used).BusySince(before);
    }

    private async Task RunAsync(Group group, int round)
    {
        // Forwards and backwards in turns: nobody always follows the same one.
        foreach (Measure measure in round % 2 == 0 ? group.Measures : group.Measures.Reverse())
        {
            if (round >= plan.RoundsOf(group, measure))
                continue;
            done++;
            if (results.IsMissing(group, measure))
                continue;
            long start = Stopwatch.GetTimestamp();
            Outcome outcome = await RunAsync(measure);
            results.Add(group, measure, round, outcome);
            Line? main = outcome.Lines.Count > 0 ? outcome.Lines[0] : null;
            string figure = main is null ? $"missing: {outcome.Missing}" : Figures.Text(main.P50, main.Unit);
            TimeSpan left = watch.Elapsed / done * (starts - done);
            Console.Error.WriteLine($"[{round + 1}/{plan.Rounds}, {done,3} of {starts}, {left:m\\:ss} left] {group.Name,-11} {measure.Key(),-32} {figure,-16} in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        }
    }

    private async Task<Outcome> RunAsync(Measure measure)
    {
        if (await tools.PrepareAsync(measure.Side) is { } reason)
            return Outcome.Of(reason);
        string[] numbers = [.. new[] { plan.WarmMsOf(measure.Side), plan.TimeMs, measure.Count.Of(plan.Mode) }.Select(static n => n.ToString(CultureInfo.InvariantCulture))];
        string[] command = tools.Command(measure, numbers);
        if ((measure.Condition == Condition.OneCore ? Processors.First : Processors.Pair) is { } processors)
            command = ["taskset", "-c", processors, .. command];
        using IDisposable? busy = measure.Condition == Condition.Busy ? Processors.KeepBusy() : null;
        return await MeasureProcess.RunAsync(command, plan.Limit);
    }
}
