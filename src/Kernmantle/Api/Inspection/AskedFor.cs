using Kernmantle.Host.Launch;

namespace Kernmantle.Api.Inspection;

/// <summary>The inspection of a program whose code does not ask for it: its environment does. Its worker processes, which inherit that, are not meant.</summary>
internal static class AskedFor
{
    /// <summary>1: <c>kern top</c> may watch, from the first pool to the program's end.</summary>
    public const string Variable = "KERNMANTLE_TOP";

    private static readonly Lazy<Inspector?> Shown = new(Open);

    /// <summary>Before a pool is made.</summary>
    /// <exception cref="IOException">It is asked for and cannot be; the message says why.</exception>
    public static void Check() => _ = Shown.Value;

    private static Inspector? Open()
    {
        if (Environment.GetEnvironmentVariable(Variable) != "1" || WorkerProcess.CurrentDepth > 0)
            return null;
        var inspector = Inspector.SwitchOn();
        inspector.Listen();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => inspector.Dispose();
        return inspector;
    }
}
