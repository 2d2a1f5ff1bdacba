using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Kernmantle.Processes.Launch.Native;

namespace Kernmantle.Processes.Launch.Hook;

/// <summary>
/// The second line of defence against a program that starts itself without end. Our variable is there, so this process was meant to be
/// a worker; if it is not the hook that touched this assembly first, then the hook did not run and <c>Main</c> does.
/// </summary>
internal static class MainReentry
{
    /// <summary>The program's Main ran in a process that was meant to be a worker.</summary>
    public const int ExitCode = 97;

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It must come before anything in this assembly can start a process.")]
    internal static void Check()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LaunchVariables.Ticket)) || IsHookRunning())
            return;
        Console.Error.WriteLine(
            $"Kernmantle: this process ({Environment.ProcessId}) was started as a worker, but start-up hooks did not run and the program's own Main did. It ends now.");
        // At once: exit handlers of the program might wait for this very initializer.
        LibC.ExitNow(ExitCode);
    }

    /// <summary>Only while the runtime calls start-up hooks is its provider on the stack.</summary>
    private static bool IsHookRunning()
    {
        foreach (StackFrame frame in new StackTrace().GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame)?.DeclaringTypeName == "System.StartupHookProvider")
                return true;
        }
        return false;
    }
}
