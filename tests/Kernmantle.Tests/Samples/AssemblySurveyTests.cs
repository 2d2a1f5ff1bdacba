using System.Text.Json.Nodes;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Samples;

/// <summary>The main job on real input, and what it does with input that fights back.</summary>
public sealed class AssemblySurveyTests
{
    /// <summary>Hostile files among them: HostileSurveyTests, in the second stage.</summary>
    [Fact]
    public async Task The_totals_are_the_same_on_threads()
    {
        string[] here = ["--json", "--root", AppContext.BaseDirectory];
        JsonObject processes = await Survey.RunAsync(here), threads = await Survey.RunAsync([.. here, "--place", "thread"]);
        Assert.True((int)processes["total"]!["assemblies"]! > 10);
        Assert.Equal(processes.ToJsonString(), threads.ToJsonString());
    }

    [Fact]
    public async Task Hostile_files_on_threads_are_refused_with_the_reason()
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("AssemblySurvey"), ["--place", "thread", "--hostile"]);
        Assert.Equal(2, exit);
        Assert.Contains("thread", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_corrupt_file_is_reported_and_the_rest_go_on()
    {
        string folder = Directory.CreateTempSubdirectory("kernmantle-survey-").FullName;
        try
        {
            File.Copy(typeof(WorkerPool).Assembly.Location, Path.Combine(folder, "good.dll"));
            byte[] bytes = await File.ReadAllBytesAsync(typeof(WorkerPool).Assembly.Location);
            await File.WriteAllBytesAsync(Path.Combine(folder, "bad.dll"), bytes[..(bytes.Length / 3)]);
            (int exit, string text) = await Programs.RunAsync(Programs.Of("AssemblySurvey"), ["--root", folder]);
            Assert.Equal(1, exit);
            Assert.Contains("bad.dll", text, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("--root", "/no/such/folder")]
    [InlineData("--workers", "0")]
    [InlineData("--workers", "-3")]
    [InlineData("--place", "moon")]
    public async Task Wrong_use_is_told_in_one_line_and_ends_with_2(string option, string value)
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("AssemblySurvey"), [option, value]);
        Assert.Equal(2, exit);
        Assert.NotEmpty(text.Trim());
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }
}
