using System.Text.Json.Nodes;
using Kernmantle.Tests.Samples;

namespace Kernmantle.LaunchForms.Tests;

/// <summary>The main job on input that fights back. It lasts as long as the limits that the files run into.</summary>
public sealed class HostileSurveyTests
{
    [Fact]
    public async Task The_totals_are_the_same_with_hostile_files_each_of_which_has_its_own_failure()
    {
        string[] here = ["--json", "--root", AppContext.BaseDirectory];
        JsonObject plain = await Survey.RunAsync(here), hostile = await Survey.RunAsync([.. here, "--hostile"]);
        JsonNode items = hostile["hostile"]!.DeepClone();
        hostile.Remove("hostile");
        plain.Remove("hostile");
        Assert.Equal(plain.ToJsonString(), hostile.ToJsonString());
        string[] outcomes = [.. items.AsArray().Select(static i => (string)i!["outcome"]!)];
        Assert.Superset(new HashSet<string> { "WorkerCrashedException", "CallTimeoutException", "MemoryLimitException", "CpuLimitException", "OpenFilesLimitException", "OutputLimitException", "RemoteException" }, outcomes.ToHashSet());
    }
}
