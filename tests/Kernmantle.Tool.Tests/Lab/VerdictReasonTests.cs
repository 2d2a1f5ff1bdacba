using Kernmantle.Tool.Lab.Cache;
using Kernmantle.Tool.Lab.Gil;
using Kernmantle.Tool.Lab.Gil.Interpreters;
using Kernmantle.Tool.Lab.Ipc;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Scale;
using Kernmantle.Tool.Lab.Single;
using Kernmantle.Tool.Lab.Start;
using Kernmantle.Tool.Lab.Switch;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Tests.Lab;

/// <summary>A verdict and the reason given for it, over all combinations of figures that gain, do not gain, and vary too much.</summary>
public sealed class VerdictReasonTests
{
    private static readonly string[] Doubts = ["cannot tell", "too much to tell", "no clear difference"];

    /// <summary>Clearly below 1, 1, clearly above, and anything.</summary>
    private static readonly Spread[] Quotients = [Made.Around(0.5), Made.Around(1), Made.Around(2), Made.Wide(1.2)];

    [Fact]
    public void A_paragraph_that_gives_a_verdict_does_not_say_that_it_cannot_tell()
    {
        Finding[] findings = [.. All()];
        Assert.All(findings, static finding => Assert.False(finding.Verdict != Verdict.Depends && Doubts(finding), $"{finding.Claim} {finding.Verdict}: {finding.Why}"));
        // Both kinds are there: the test could not fail otherwise.
        Assert.Contains(findings, static finding => Doubts(finding));
        Assert.Contains(findings, static finding => finding.Verdict == Verdict.DoesNotHoldHere);

        static bool Doubts(Finding finding) => VerdictReasonTests.Doubts.Any(doubt => finding.Why.Contains(doubt, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Figures_that_all_vary_too_much_give_no_verdict_and_the_paragraph_says_why()
    {
        Spread wide = Made.Wide(1.2);
        foreach (Finding finding in (Finding[])[.. Costs(wide), .. Speeds(wide, wide, wide, 2)])
        {
            if (finding.Statement is "Under a global lock one thread at a time is at the guarded work." or "Pipes, files and sockets carry messages between processes." or "One channel carries items between processes by each of these ways; only its option differs." or "One program runs several processes, and they serve it together.")
                continue;   // counted, not measured
            Assert.Equal(Verdict.Depends, finding.Verdict);
            Assert.True(Doubts.Any(doubt => finding.Why.Contains(doubt, StringComparison.OrdinalIgnoreCase)), $"{finding.Claim}: {finding.Why}");
        }
    }

    private static IEnumerable<Finding> All() =>
    [
        .. Quotients.SelectMany(Costs),
        .. from free in Quotients
           from locked in Quotients
           from processes in Quotients
           from processors in (int[])[1, 2]
           from finding in Speeds(free, locked, processes, processors)
           select finding,
    ];

    private static IEnumerable<Finding> Costs(Spread ratio)
    {
        Spread plain = Made.Around(1e-6), other = ratio.Times(1e-6);
        Dictionary<int, Spread> seconds = new() { [64] = plain };
        return
        [
            .. StartVerdicts.Judge(new(plain, plain, other, plain, ratio, plain)),
            .. SwitchVerdicts.Judge(new(new(plain, plain), new(other, ratio.Times(0.5)), null, null, ratio)),
            .. CacheVerdicts.Judge(new(1 << 20, 700 << 10, plain, plain, other, ratio, ratio)),
            .. IpcVerdicts.Judge(new([new(WireKind.Pipe, seconds, Made.Nothing, ratio, true), new(WireKind.Tcp, seconds, Made.Nothing, ratio, true), new(WireKind.SharedVariable, seconds, Made.Nothing, Made.Around(1), true), .. Made.Channels(ratio)])),
            .. ScaleVerdicts.Judge(new(
                [.. Sizes(Made.Around(1e6))],
                [.. Sizes(ratio.Times(1e6))],
                4,
                true)),
        ];

        static IEnumerable<PoolSize> Sizes(Spread bytes) => new[] { bytes.Min, bytes.LowerQuartile, bytes.Median, bytes.UpperQuartile, bytes.Max }.Select(static (bytes, index) => new PoolSize(index + 2, 0.1, bytes, Made.Around(1e-6)));
    }

    private static IEnumerable<Finding> Speeds(Spread free, Spread locked, Spread processes, int processors)
    {
        static ThreadRuns Threads(Spread most) => new(new Dictionary<int, Spread> { [1] = Spread.Exactly(1), [4] = most });
        static PlaceRuns Place(Spread most) => Made.Place(most, most);
        Dictionary<string, PlaceRuns> runs = new()
        {
            [Places.Threads] = Place(free),
            [Places.GlobalLock] = Place(locked),
            [Places.Processes] = Place(processes),
            [Places.EventLoop] = Place(locked),
        };
        InterpreterMeasured python = Made.Python(Place(locked), Place(free), Place(locked));
        InterpreterMeasured[] interpreters =
        [
            python with { Runs = new Dictionary<PythonWay, PlaceRuns>(python.Runs) { [PythonWay.Microthreads] = Place(locked) } },
            new("python3.14", new("cpython", "3.14", HasGlobalLock: true), new Dictionary<PythonWay, PlaceRuns> { [PythonWay.SubInterpreters] = Place(processes) }, python.Missing) { SubInterpreters = new(0.02, 2e6) },
            new("jython", new("jython", "2.7", HasGlobalLock: false), new Dictionary<PythonWay, PlaceRuns> { [PythonWay.Threads] = Place(processes) }, python.Missing),
        ];
        return
        [
            .. SingleVerdicts.Judge(new(processors, Threads(free), Threads(locked), Threads(processes), Made.Around(1e-8), Made.Around(1e-9), locked)),
            .. GilVerdicts.Judge(new(processors, runs, new([new("a", 0, 1)], [], [], 1, 4), python, interpreters)),
        ];
    }
}
