using System.ComponentModel;
using System.Runtime.InteropServices;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Launch.Spawning;

/// <summary>
/// A child of this process, from its start until it is reaped. Not through <see cref="System.Diagnostics.Process"/>: that one cannot
/// tell SIGKILL from exit code 137, and allows nobody else to reap its children. Thread-safe.
/// </summary>
internal sealed class SpawnedProcess
{
    /// <summary>Somewhat behind this process. At the lowest of all priorities a killed process took up to 9.5 s to end where others kept the processors busy, like this up to 1 s.</summary>
    private static readonly int DyingPriority = Math.Min(LibC.GetPriority(LibC.OneProcess, 0) + 5, 19);

    private readonly TaskCompletionSource<ProcessEnd> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private readonly SafeFileHandle descriptor;
    private readonly PeakMemory peak;
    private readonly string temporaryFolder;
    private bool reaped;

    private SpawnedProcess(int id, SafeFileHandle descriptor, PeakMemory peak, string temporaryFolder)
    {
        Id = id;
        this.descriptor = descriptor;
        this.peak = peak;
        this.temporaryFolder = temporaryFolder;
    }

    public int Id { get; }

    /// <summary>Completes once the process has been reaped: exactly once, and never with a failure.</summary>
    public Task<ProcessEnd> Ended => ended.Task;

    /// <summary>It has been reaped, or the kernel is taking it apart. It closes what the process has open before it is through, and on a busy machine that may be long before.</summary>
    public bool IsEnding
    {
        get
        {
            lock (gate)
                return reaped || ProcFiles.StateOf(Id) is { IsExiting: true };
        }
    }

    /// <summary>The process's descriptor: readable once the process has ended.</summary>
    internal int Descriptor => (int)descriptor.DangerousGetHandle();

    /// <summary>Starts a child of the calling thread, which must outlive it: a parent-death signal, where that is used, follows the thread.</summary>
    /// <exception cref="Win32Exception">The system refused.</exception>
    public static SpawnedProcess Start(SpawnCommand command)
    {
        int id = Spawner.Spawn(command);
        var peak = PeakMemory.AfterSpawn();
        SafeFileHandle descriptor = ProcessFd.TryOpen(id);
        if (descriptor.IsInvalid)
            throw Abandon(id, "pidfd_open", Marshal.GetLastPInvokeError());
        string temporary = command.Environment.TryGetValue("TMPDIR", out string? folder) && folder.Length > 0 ? folder : "/tmp";
        var process = new SpawnedProcess(id, descriptor, peak, temporary);
        if (!Reaper.TryWatch(process, out int error))
        {
            descriptor.Dispose();
            throw Abandon(id, "epoll_ctl", error);
        }
        return process;
    }

    /// <summary>
    /// SIGKILL to the process and to its process group. Until it is reaped its number cannot name another process or group;
    /// afterwards this does nothing.
    /// </summary>
    public void Kill()
    {
        lock (gate)
        {
            if (reaped)
                return;
            peak.Sample(Id);
            _ = LibC.SetPriority(LibC.ProcessGroup, Id, DyingPriority);   // while the kernel takes its memory apart, whoever takes its place goes first
            ProcessFd.Signal(descriptor, LibC.SigKill);
            _ = LibC.Kill(-Id, LibC.SigKill);
        }
    }

    /// <summary>A signal to the process alone; nothing once it has been reaped.</summary>
    public void Signal(int signal)
    {
        lock (gate)
        {
            if (!reaped)
                ProcessFd.Signal(descriptor, signal);
        }
    }

    /// <summary>Looks at the process's memory, for <see cref="ProcessEnd.PeakMemoryBytes"/>: best at the last moment before it ends. Costs some 30 µs.</summary>
    public void SamplePeakMemory()
    {
        lock (gate)
        {
            if (!reaped)
                peak.Sample(Id);
        }
    }

    /// <summary>Called by the reaper once the process has ended.</summary>
    internal void Reap()
    {
        ChildStatus status;
        lock (gate)
        {
            // What it started and left behind, also between our kill and its death. Its number is still its own, and its group's.
            _ = LibC.Kill(-Id, LibC.SigKill);
            IReadOnlyList<string> files = RuntimeFiles.Of(Id, temporaryFolder);
            status = ProcessFd.Reap(descriptor);
            reaped = true;
            descriptor.Dispose();
            RuntimeFiles.Remove(files);
        }
        if (!ProcessFd.ReapGroup(Id))
            _ = ReapGroupAsync();
        ended.SetResult(status.Known
            ? new(status.ExitCode, status.Signal, status.CpuTime, peak.Of(status.MaxResidentBytes), status.VoluntarySwitches, status.InvoluntarySwitches)
            : ProcessEnd.Unknown);
    }

    /// <summary>They were killed, and end within moments. What the system cannot end by then stays a zombie, as it does in any other program.</summary>
    private async Task ReapGroupAsync()
    {
        for (int i = 0; i < 100 && !ProcessFd.ReapGroup(Id); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(50)).ConfigureAwait(false);
    }

    private static Win32Exception Abandon(int id, string function, int error)
    {
        _ = LibC.Kill(id, LibC.SigKill);
        _ = ProcessFd.Reap(id);
        return new(error, $"{function}: {Marshal.GetPInvokeErrorMessage(error)}");
    }
}
