using System.ComponentModel;
using System.Runtime.InteropServices;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Launch.Spawning;

/// <summary>
/// <c>posix_spawn</c> with everything decided: own process group (Ctrl-C in the terminal must not reach a worker before the host
/// decides), no blocked or ignored signals, an empty standard input, and only the descriptors named.
/// </summary>
internal static unsafe class Spawner
{
    /// <summary>Returns the number of the child.</summary>
    /// <exception cref="Win32Exception">The system refused.</exception>
    public static int Spawn(SpawnCommand command)
    {
        byte* attributes = stackalloc byte[PosixSpawn.StructureSize];
        byte* actions = stackalloc byte[PosixSpawn.StructureSize];
        Check(PosixSpawn.InitAttributes(attributes));
        Check(PosixSpawn.InitActions(actions));
        var copies = new List<SafeFileHandle>();
        try
        {
            SetAttributes(attributes);
            SetDescriptors(actions, command.Descriptors, copies);
            SetDirectory(actions, command.WorkingDirectory);
            return Start(command, attributes, actions);
        }
        finally
        {
            copies.ForEach(static c => c.Dispose());
            _ = PosixSpawn.DestroyActions(actions);
            _ = PosixSpawn.DestroyAttributes(attributes);
        }
    }

    private static int Start(SpawnCommand command, byte* attributes, byte* actions)
    {
        using var arguments = new Utf8Array(command.Arguments);
        using var environment = new Utf8Array([.. command.Environment.Select(static v => $"{v.Key}={v.Value}")]);
        using var file = new Utf8Array([command.File]);
        int processId;
        int error = PosixSpawn.Spawn(&processId, file.Pointer[0], actions, attributes, arguments.Pointer, environment.Pointer);
        if (error == 0)
            return processId;
        string place = command.WorkingDirectory is { } directory ? $" in {directory}" : "";
        throw new Win32Exception(error, $"{command.File} could not be started{place}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    private static void SetAttributes(byte* attributes)
    {
        byte* signals = stackalloc byte[PosixSpawn.SignalSetSize];
        _ = PosixSpawn.EmptySignals(signals);
        Check(PosixSpawn.SetMask(attributes, signals));
        _ = PosixSpawn.AllSignals(signals);
        Check(PosixSpawn.SetDefaults(attributes, signals));
        Check(PosixSpawn.SetGroup(attributes, 0));
        Check(PosixSpawn.SetFlags(attributes, PosixSpawn.SetProcessGroup | PosixSpawn.SetSignalMask | PosixSpawn.SetSignalDefaults));
    }

    /// <summary>
    /// A source that is itself one of the targets would be overwritten before it is used (or, if it is its own target, stay
    /// close-on-exec), so sources in that range are copied out of it first.
    /// </summary>
    private static void SetDescriptors(byte* actions, IReadOnlyList<(SafeFileHandle Ours, int Theirs)> descriptors, List<SafeFileHandle> copies)
    {
        int last = descriptors.Count == 0 ? 2 : Math.Max(2, descriptors.Max(static d => d.Theirs));
        using var devNull = new Utf8Array(["/dev/null"]);
        Check(PosixSpawn.AddOpen(actions, 0, devNull.Pointer[0], 0, 0));
        foreach ((SafeFileHandle ours, int theirs) in descriptors)
        {
            int source = (int)ours.DangerousGetHandle();
            if (source <= last)
            {
                copies.Add(Descriptors.DuplicateAbove(ours, last + 1));
                source = (int)copies[^1].DangerousGetHandle();
            }
            Check(PosixSpawn.AddDuplicate(actions, source, theirs));
        }
        if (PosixSpawn.AddCloseFrom != null)
            Check(PosixSpawn.AddCloseFrom(actions, last + 1));
    }

    private static void SetDirectory(byte* actions, string? directory)
    {
        if (directory is null)
            return;
        using var path = new Utf8Array([directory]);
        Check(PosixSpawn.AddChangeDirectory(actions, path.Pointer[0]));   // copied by the callee
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new Win32Exception(error);
    }
}
