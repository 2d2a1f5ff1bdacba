using System.Runtime.CompilerServices;

namespace Kernmantle.Python.Tests.Interpreters;

/// <summary>Jython's workers of the tests live for seconds: what their Java spends on optimising code for longer ones, half of their processor time, is never had back.</summary>
internal static class JavaOfTests
{
    private const string Options = "JAVA_TOOL_OPTIONS";

    [ModuleInitializer]
    public static void StartQuickly()
    {
        if (Environment.GetEnvironmentVariable(Options) is null)
            Environment.SetEnvironmentVariable(Options, "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    }
}
