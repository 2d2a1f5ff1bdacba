using System.Text.Json.Nodes;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Samples;

/// <summary>samples/AssemblySurvey, and what it reports.</summary>
internal static class Survey
{
    public static async Task<JsonObject> RunAsync(params string[] arguments)
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("AssemblySurvey"), arguments);
        Assert.True(exit == 0, text);
        return JsonNode.Parse(text)!.AsObject();
    }
}
