using Kernmantle.Tool.Lab;
using Kernmantle.Tool.Lab.Cache;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Report;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Tests.Lab;

public sealed class ClaimTests
{
    [Fact]
    public void All_claims_are_there_and_each_has_experiments()
    {
        Assert.Equal(Enumerable.Range(1, 23).Select(static number => $"N{number}"), Claims.All.Select(static claim => claim.Id));
        string[] names = [.. ExperimentList.All.Select(static experiment => experiment.Name)];
        Assert.Equal(names.Distinct(), names);
        Assert.All(Claims.All, claim => Assert.NotEmpty(claim.Experiments));
        Assert.All(Claims.All, claim => Assert.All(claim.Experiments, name => Assert.Contains(name, names)));
    }

    [Theory]
    [InlineData("Holds", "Holds", "Holds")]
    [InlineData("DoesNotHoldHere", "DoesNotHoldHere", "DoesNotHoldHere")]
    [InlineData("Holds", "DoesNotHoldHere", "Depends")]
    [InlineData("Holds", "Depends", "Depends")]
    public void A_claim_is_judged_by_all_its_findings(string first, string second, string together)
    {
        Finding Of(string verdict) => new("N5", "", Enum.Parse<Verdict>(verdict), "");
        ExperimentResult Result(string verdict) => new("x", "", 1, null, Outcome.None with { Findings = [Of(verdict)] });
        IReadOnlyList<ClaimResult> claims = LabRun.Judge([Result(first), Result(second)]);
        Assert.Equal(Enum.Parse<Verdict>(together), claims.Single(static claim => claim.Id == "N5").Verdict);
        Assert.Null(claims.Single(static claim => claim.Id == "N6").Verdict);
    }

    [Fact]
    public async Task An_experiment_that_fails_is_a_result_and_an_interrupt_is_not()
    {
        ExperimentResult result = await LabRun.RunAsync(new Failing(), new(Machine.Here(CacheSizes.Unknown), null, static (_, _) => { }, CancellationToken.None));
        Assert.Equal("IOException: no such thing", result.Failure);
        using CancellationTokenSource interrupted = new();
        await interrupted.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LabRun.RunAsync(new Failing(), new(Machine.Here(CacheSizes.Unknown), null, static (_, _) => { }, interrupted.Token)));
    }

    [Fact]
    public async Task What_the_machine_lacks_is_no_failure()
    {
        LabContext context = new(Machine.Here(CacheSizes.Unknown), null, static (_, _) => { }, CancellationToken.None);
        ExperimentResult result = await LabRun.RunAsync(new CacheExperiment(), context);
        Assert.Null(result.Failure);
        Assert.Contains("sysconf", result.Unavailable, StringComparison.Ordinal);
        ExperimentResult inWorker = await LabRun.RunAsync(new Lacking(), context);
        Assert.Equal((null, "no such thing here"), (inWorker.Failure, inWorker.Unavailable));
    }

    [Fact]
    public async Task The_summary_counts_what_was_not_run_and_names_what_is_not_judged_therefore()
    {
        LabContext context = new(Machine.Here(CacheSizes.Unknown), null, static (_, _) => { }, CancellationToken.None);
        ExperimentResult good = new("memory", "?", 1, null, Outcome.None with { Findings = [new("N1", "", Verdict.Holds, "")] });
        ExperimentResult[] results = [good, (await LabRun.RunAsync(new Failing(), context)) with { Name = "gil" }, await LabRun.RunAsync(new CacheExperiment(), context)];
        LabResult lab = new(LabResult.CurrentSchema, "0", default, 1, context.Machine, results, LabRun.Judge(results));
        Assert.Equal("1 of 3 run; 1 cannot be run on this machine (cache); 1 failed (gil). No verdict on N13, N14, N17, N18, N19.", LabSummary.Of(lab));
        Assert.Equal("1 of 1 run.", LabSummary.Of(lab with { Experiments = [good] }));
    }

    [Fact]
    public void A_busy_machine_is_said_to_be_busy()
    {
        Machine machine = Machine.Here(CacheSizes.Unknown) with { Processors = 4, Load = 1 };
        Assert.Null(machine.Warning());
        Assert.Null((machine with { Load = null }).Warning());
        Assert.Contains("2.5 threads", (machine with { Load = 2.5 }).Warning(), StringComparison.Ordinal);
    }

    private sealed class Lacking() : Experiment("lacking", "?")
    {
        public override async Task<Outcome> RunAsync(LabContext context)
        {
            await using WorkerPool pool = WorkerPool.Processes(1);
            await pool.RunAsync(static () => throw new UnavailableException("no such thing here"));
            return Outcome.None;
        }
    }

    private sealed class Failing() : Experiment("failing", "?")
    {
        public override Task<Outcome> RunAsync(LabContext context) => throw new IOException("no such thing");
    }
}
