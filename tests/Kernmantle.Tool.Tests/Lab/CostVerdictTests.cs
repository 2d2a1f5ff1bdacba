using Kernmantle.Tool.Lab.Cache;
using Kernmantle.Tool.Lab.Ipc;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Scale;
using Kernmantle.Tool.Lab.Start;
using Kernmantle.Tool.Lab.Switch;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Tests.Lab;

/// <summary>start, switch, cache, ipc and scale: is one dearer than the other?</summary>
public sealed class CostVerdictTests
{
    [Theory]
    [InlineData(700.0, "Holds")]
    [InlineData(1.02, "Depends")]
    [InlineData(0.5, "DoesNotHoldHere")]
    public void A_process_start_is_judged_against_a_threads(double ratio, string verdict)
    {
        StartMeasured measured = new(Made.Around(1e-4), Made.Around(1e-6), Made.Around(1e-4 * ratio), Made.Around(1e-6), Made.Around(ratio), Made.Around(0.01));
        Assert.Equal(Enum.Parse<Verdict>(verdict), StartVerdicts.Judge(measured).Of("N9"));
        Assert.Contains(Units.Format(measured.ProcessOverThread, Unit.Ratio), StartVerdicts.Judge(measured).Why("N9"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wide_spread_is_no_verdict() =>
        Assert.Equal(Verdict.Depends, StartVerdicts.Judge(new(Made.Around(1), Made.Around(1), Made.Wide(1.2), Made.Around(1), Made.Wide(1.2), Made.Around(1))).Of("N9"));

    [Theory]
    [InlineData(1.5, 1.0, "Holds", "Holds")]
    [InlineData(1.03, 1.0, "Depends", "Holds")]
    [InlineData(0.7, 0.01, "DoesNotHoldHere", "DoesNotHoldHere")]
    public void A_switch_is_judged_by_its_ratio_and_by_whether_it_was_one(double ratio, double switches, string cost, string paid)
    {
        Pair threads = new(Made.Around(3e-6), Made.Around(1)), processes = new(Made.Around(3e-6 * ratio), Made.Around(switches));
        IReadOnlyList<Finding> findings = SwitchVerdicts.Judge(new(threads, processes, null, null, Made.Around(ratio)));
        Assert.Equal(Enum.Parse<Verdict>(cost), findings.Of("N13"));
        Assert.Equal(Enum.Parse<Verdict>(paid), findings.Of("N5"));
    }

    [Theory]
    [InlineData(1.9, "Holds")]
    [InlineData(1.0, "Depends")]
    [InlineData(0.8, "DoesNotHoldHere")]
    public void Caches_are_judged_by_what_another_process_costs(double ratio, string verdict) => Assert.Equal(
        Enum.Parse<Verdict>(verdict),
        CacheVerdicts.Judge(new(1 << 20, 700 << 10, Made.Around(5e-9), Made.Around(5e-9), Made.Around(5e-9 * ratio), Made.Around(1), Made.Around(ratio))).Of("N13"));

    [Theory]
    [InlineData(5.0, true, "Holds", "Holds", "Holds")]
    [InlineData(1.0, true, "Holds", "Depends", "Depends")]
    [InlineData(0.5, false, "DoesNotHoldHere", "DoesNotHoldHere", "DoesNotHoldHere")]
    public void Ways_to_talk_are_judged_by_their_price(double ratio, bool allRight, string works, string cheaper, string dear)
    {
        static Dictionary<int, Spread> Seconds(double seconds) => new() { [64] = Made.Around(seconds), [1 << 20] = Made.Around(seconds * 100) };
        IReadOnlyList<Finding> findings = IpcVerdicts.Judge(new(
        [
            new(WireKind.Pipe, Seconds(1e-6 * ratio), Made.Nothing, Made.Around(ratio), allRight),
            new(WireKind.Tcp, Seconds(2e-6 * ratio), Made.Nothing, Made.Around(ratio), allRight),
            new(WireKind.SharedVariable, Seconds(1e-6), Made.Nothing, Made.Around(1), true),
            .. Made.Channels(Made.Around(1)),
        ]));
        Assert.Equal(Enum.Parse<Verdict>(works), findings.Of("N5"));
        Assert.Equal(Enum.Parse<Verdict>(cheaper), findings.Of("N10"));
        Assert.Equal(Enum.Parse<Verdict>(dear), findings.Of("N13"));
        Assert.Contains("TCP on loopback", findings.Why("N5"), StringComparison.Ordinal);
    }

    [Fact]
    public void One_way_as_cheap_as_a_variable_makes_it_depend() => Assert.Equal(Verdict.Depends, IpcVerdicts.Judge(new(
    [
        new(WireKind.SharedMemory, new Dictionary<int, Spread> { [64] = Made.Around(1e-6) }, Made.Nothing, Made.Around(1), true),
        new(WireKind.Tcp, new Dictionary<int, Spread> { [64] = Made.Around(2e-5) }, Made.Nothing, Made.Around(20), true),
        new(WireKind.SharedVariable, new Dictionary<int, Spread> { [64] = Made.Around(1e-6) }, Made.Nothing, Made.Around(1), true),
        .. Made.Channels(Made.Around(1)),
    ])).Of("N13"));

    [Theory]
    [InlineData(5.0, true, "Holds", "Holds")]
    [InlineData(1.0, true, "Holds", "Depends")]
    [InlineData(0.2, false, "DoesNotHoldHere", "DoesNotHoldHere")]
    public void Channels_are_judged_by_the_platforms_between_threads(double ratio, bool allRight, string works, string cheaper)
    {
        IEnumerable<WayMeasured> wires = Enum.GetValues<WireKind>().Where(static kind => !kind.IsChannel())
            .Select(static kind => new WayMeasured(kind, new Dictionary<int, Spread> { [64] = Made.Around(1e-6) }, Made.Nothing, Made.Around(1), true));
        IReadOnlyList<Finding> findings = IpcVerdicts.Judge(new([.. wires, .. Made.Channels(Made.Around(ratio), allRight)]));
        Assert.Equal(Enum.Parse<Verdict>(works), findings.Of("N5", 1));
        Assert.Equal(Enum.Parse<Verdict>(cheaper), findings.Of("N10", 1));
        Assert.Contains(allRight ? "4 of 4 ways" : "3 of 4 ways", findings.Why("N5", 1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30e3, 10e6, 64, true, "Holds", "Holds")]
    [InlineData(10e6, 10e6, 64, false, "Depends", "DoesNotHoldHere")]
    [InlineData(20e6, 10e6, 1, true, "DoesNotHoldHere", "DoesNotHoldHere")]
    public void Many_workers_are_judged_by_their_memory(double thread, double process, int answered, bool right, string cheaper, string several)
    {
        PoolSize Size(int workers, double bytes) => new(workers, 0.1, bytes, Made.Around(1e-6));
        IReadOnlyList<Finding> findings = ScaleVerdicts.Judge(new([Size(1, 1e6), Size(10, thread), Size(100, thread)], [Size(1, process), Size(64, process)], answered, right));
        Assert.Equal(Enum.Parse<Verdict>(cheaper), findings.Of("N9"));
        Assert.Equal(Enum.Parse<Verdict>(several), findings.Of("N11"));
    }
}
