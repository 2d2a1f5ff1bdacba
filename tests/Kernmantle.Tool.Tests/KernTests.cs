using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Report;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Tests;

/// <summary>The program from outside.</summary>
public sealed class KernTests
{
    [Fact]
    public async Task Json_goes_to_standard_output_alone()
    {
        await using Kern kern = new("lab", "memory", "--json", "-");
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.Success, ""), (code, error));
        LabResult lab = JsonReport.Read(output);
        ExperimentResult memory = Assert.Single(lab.Experiments);
        Assert.Null(memory.Failure);
        Assert.Equal(["N1", "N2", "N3", "N4", "N6", "N7"], memory.Outcome.Findings.Select(static finding => finding.Claim));
        Assert.Equal(23, lab.Claims.Count);
        Assert.Equal(6, lab.Claims.Count(static claim => claim.Verdict is not null));
        Assert.Empty(kern.Remains);
    }

    [Fact]
    public async Task Processes_that_share_lose_counts_and_are_told_of_dead_owners_and_deadlocks()
    {
        await using Kern kern = new("lab", "race", "deadlock", "--json", "-");
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.Success, ""), (code, error));
        Dictionary<string, Spread> figures = JsonReport.Read(output).Experiments.SelectMany(static experiment => experiment.Outcome.Figures).ToDictionary(static figure => figure.Name, static figure => figure.Value);
        Assert.True(figures["shared.None.lost"].Min > 0, "Each run loses the increment that both write over.");
        Assert.Equal((0, 0), (figures["shared.Atomic.lost"].Max, figures["shared.Lock.lost"].Max));
        Assert.All((string[])["abandoned.told", "abandoned.halfDone", "abandoned.mended", "processes.oneGaveUp"], name => Assert.Equal(1, figures[name].Median));
    }

    [Fact]
    public async Task Tables_go_to_standard_output_without_colour()
    {
        await using Kern kern = new("lab", "join");
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.Success, ""), (code, error));
        Assert.DoesNotContain('\e', output);
        Assert.Contains("N22 holds", output, StringComparison.Ordinal);
        Assert.Contains("N23 holds", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lab_runs_where_the_kernels_folder_of_caches_is_empty_or_missing()
    {
        const string Caches = "/sys/devices/system/cpu/cpu0/cache";
        DirectoryInfo empty = Directory.CreateTempSubdirectory("kern-empty-");
        try
        {
            // Hidden for this one program, if there is anything to hide.
            string[] hidden = ["unshare", "--user", "--map-root-user", "--mount", "--", "sh", "-c", $"mount --bind \"$0\" {Caches} && exec \"$@\"", empty.FullName];
            await using Kern kern = new(Directory.Exists(Caches) ? hidden : [], ["lab", "cache", "--json", "-"]);
            (int code, string output, string error) = await kern.EndAsync();
            if (error.StartsWith("unshare:", StringComparison.Ordinal) || error.StartsWith("mount:", StringComparison.Ordinal))
                Assert.Skip($"This machine does not permit to hide {Caches}: {error.TrimEnd()}");
            Assert.Equal((ExitCodes.Success, ""), (code, error));
            LabResult lab = JsonReport.Read(output);
            Assert.NotEqual(CacheSource.Sysfs, lab.Machine.CacheSource);
            ExperimentResult cache = Assert.Single(lab.Experiments);
            Assert.Null(cache.Failure);
            // A virtual machine that hides everything, on a machine too busy to measure, is told, and no failure either.
            Assert.True(cache.Unavailable is null ? cache.Outcome.Notes.Single() == $"Sizes of the caches: {lab.Machine.Caches().Text()}." : lab.Machine.CacheBytes.Count == 0, output);
        }
        finally
        {
            empty.Delete();
        }
    }

    [Theory]
    [InlineData("There is no experiment 'nonsense': there are memory", "lab", "nonsense")]
    [InlineData("Name a file in a folder that exists", "lab", "memory", "--json", "/nowhere/lab.json")]
    [InlineData("Name a file in a folder that exists", "lab", "memory", "--html", "/nowhere/report.html")]
    [InlineData("--bogus", "lab", "--bogus")]
    [InlineData("There is no command 'nonsense'. See 'kern --help'", "nonsense")]
    public async Task Wrong_use_is_one_line_with_the_remedy(string part, params string[] arguments)
    {
        await using Kern kern = new(arguments);
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.WrongUse, ""), (code, output));
        Assert.StartsWith("kern: ", error, StringComparison.Ordinal);
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("scale")]
    [InlineData("switch")]
    [InlineData("ipc")]
    [InlineData("race")]
    [InlineData("failure")]
    [InlineData("deadlock")]
    public async Task Ctrl_C_leaves_nothing_behind(string experiment)
    {
        await using Kern kern = new("lab", experiment);
        await kern.LeavesNothingBehindAsync();
        Assert.DoesNotContain(Directory.GetFiles("/dev/shm", "kern-lab-*"), static _ => true);
    }
}
