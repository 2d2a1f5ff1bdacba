using System.Runtime.Versioning;
using Kernmantle.Python.Tests.Interpreters;
using Kernmantle.Python.Tests.Pools;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Python.Tests.Telemetry;

/// <summary>The sample: OpenTelemetry's SDK and its in-memory exporter see one request as one trace, from HTTP into Python, and a crash.</summary>
[SupportedOSPlatform("linux")]
public sealed class OneTraceTests : PythonTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_request_is_one_trace(bool hasPythonSdk)
    {
        string sdk = hasPythonSdk ? Environment.GetEnvironmentVariable("KERNMANTLE_TEST_OPENTELEMETRY") ?? Path.Combine(Modules, "stand_in_sdk") : "";
        (int exit, string output) = await Programs.RunAsync(Programs.Of("OneTrace"), [], environment: new Dictionary<string, string> { ["PYTHONPATH"] = sdk, ["KERNMANTLE_PYTHON"] = Executable });
        Assert.Equal(0, exit);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] tree = [
            "3 words, and a worker that ended: RuntimeAbort",
            "GET /words",
            "  clean",
            "    clean text in pool-1",
            "  one_trace:count",
            .. hasPythonSdk ? ["    count words in python-1"] : Array.Empty<string>(),
            "  crash failed: Kernmantle.WorkerCrashedException",
            "    last words in pool-1",
        ];
        Assert.Equal(tree, lines[..tree.Length]);
        Assert.Contains("measured: rpc.client.call.duration", lines);
        Assert.Contains("measured: kernmantle.worker.deaths", lines);
        Assert.Contains("measured: process.cpu.time", lines);
    }
}
