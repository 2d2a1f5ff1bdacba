using Kernmantle.Tool.Lab.Join;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Tests.Lab;

public sealed class JoinVerdictTests
{
    private static readonly ProgramRun Joined = new(WorkerFinished: true, MainWaited: true, ArgumentArrived: true, Logged: true, 1);
    private static readonly PlaceRuns AsTold = new(Joined, Joined with { MainWaited = false }, Joined with { WorkerFinished = false, MainWaited = false });

    [Fact]
    public void A_background_worker_makes_the_end_depend()
    {
        IReadOnlyList<Finding> findings = JoinVerdicts.Judge(new(AsTold, AsTold));
        Assert.Equal([Verdict.Holds, Verdict.Depends, Verdict.Holds, Verdict.Holds], findings.Select(static finding => finding.Verdict));
    }

    [Fact]
    public void Where_even_background_workers_finish_it_holds() =>
        Assert.Equal(Verdict.Holds, JoinVerdicts.Judge(new(AsTold with { Background = AsTold.NotJoined }, AsTold with { Background = AsTold.NotJoined })).Of("N21"));

    [Fact]
    public void Each_finding_can_fail()
    {
        ProgramRun nothing = new(WorkerFinished: false, MainWaited: false, ArgumentArrived: false, Logged: false, 1);
        Assert.All(JoinVerdicts.Judge(new(new(nothing, nothing, nothing), AsTold)), static finding => Assert.Equal(Verdict.DoesNotHoldHere, finding.Verdict));
    }

    [Fact]
    public void Lines_are_read_in_their_order()
    {
        static CopyOutput Program(params string[] messages) => new([.. messages.Select(static message => $"12:00:00: {message}")], 0, 1);
        Assert.Equal(Joined, JoinMeasured.Read(Program(ChildProgram.Begins, ChildProgram.IsDone, ChildProgram.MainIsDone)));
        Assert.Equal(Joined with { MainWaited = false }, JoinMeasured.Read(Program(ChildProgram.Begins, ChildProgram.MainIsDone, ChildProgram.IsDone)));
        Assert.False(JoinMeasured.Read(new(["Unhandled exception."], 134, 1)).Logged);
    }
}
