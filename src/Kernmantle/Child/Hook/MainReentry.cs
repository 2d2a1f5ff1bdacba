using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Start;

namespace Kernmantle.Child.Hook;

/// <summary>
/// The second line of defence against a program that starts itself without end. Our variable is there, so this process was meant to be
/// a worker, and nobody took the variable away yet. Unless the runtime is about to enter this assembly's own <see cref="WorkerMain"/>, or
/// has been told to call our hook, nobody will, and it is the program's <c>Main</c> that touched this assembly.
/// </summary>
internal static class MainReentry
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It must come before anything in this assembly can start a process.")]
    internal static void Check()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LaunchVariables.Ticket)) || IsOwnMainComing() || IsHookComing())
            return;
        Console.Error.WriteLine(
            $"Kernmantle: this process ({Environment.ProcessId}) was started as a worker, but neither the entry point nor the start-up hook of this library ran, and the program's own Main did. It ends now.");
        // At once: exit handlers of the program might wait for this very initializer.
        LibC.ExitNow(WorkerExitCodes.MainEntered);
    }

    /// <summary>The application of this process is this library. (Only later it says that the program is.)</summary>
    private static bool IsOwnMainComing() => Assembly.GetEntryAssembly() == typeof(MainReentry).Assembly;

    /// <summary>What the runtime itself looks at. (A walk of the stack would say it more directly, and cost a tenth of the whole start.)</summary>
    private static bool IsHookComing() =>
        !(AppContext.TryGetSwitch("System.StartupHookProvider.IsSupported", out bool hooks) && !hooks)
        && AppContext.GetData("STARTUP_HOOKS") is string list
        && list.Split(Path.PathSeparator).Contains(AssemblyFile.HookNameOf(typeof(MainReentry).Assembly));
}
