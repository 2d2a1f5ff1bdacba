using System.IO.Pipes;
using System.Net.Sockets;
using Kernmantle.Host.Launch.Plan;
using Kernmantle.Host.Launch.Spawning;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Start;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Launch;

/// <summary>
/// A worker process: this program started again, as one whose entry point is ours, or taken over by our start-up hook before its <c>Main</c>. Thread-safe.
/// </summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    /// <summary>The worker's number for its end of the channel: the first after the standard ones.</summary>
    internal const int ChannelDescriptor = 3;

    /// <summary>A foreign program's number for the socket over which it gets memory.</summary>
    internal const int FilesDescriptor = 4;

    /// <summary>A foreign program's number for what is <see cref="WorkerTicket.LifeDescriptor"/> in our own.</summary>
    internal const int LifeDescriptor = 5;

    /// <summary>A killed process that the kernel cannot end at once (a debugger holds it, a disk does not answer) is reaped later.</summary>
    private static readonly TimeSpan ReapBound = TimeSpan.FromSeconds(5);

    private readonly SpawnedProcess process;

    /// <summary>Open for as long as this process lives: its end is what the worker, and what it started, dies of.</summary>
    private readonly SafeFileHandle life;

    private WorkerProcess(SpawnedProcess process, Socket channel, SafeFileHandle? files, SafeFileHandle life, Stream output, Stream error)
    {
        this.process = process;
        Channel = channel;
        Files = files;
        this.life = life;
        Output = output;
        Error = error;
    }

    /// <summary>How deep this process is: 0 in a program started by a user, 1 in its workers.</summary>
    public static int CurrentDepth => SpawnDepth.Current;

    /// <summary>The process id.</summary>
    public int Id => process.Id;

    /// <summary>What it was started with; null for a foreign program.</summary>
    public LaunchCommand? Command { get; private init; }

    /// <summary>The host's end of the channel; it ends when the worker does.</summary>
    public Socket Channel { get; }

    /// <summary>The host's end of the socket over which a foreign program gets memory; null for our own program.</summary>
    public SafeFileHandle? Files { get; }

    /// <summary>What the worker writes to its standard output, until the last process that holds it closes it.</summary>
    public Stream Output { get; }

    /// <summary>What the worker writes to its standard error.</summary>
    public Stream Error { get; }

    /// <summary>Completes once the process has been reaped: exactly once, and never with a failure.</summary>
    public Task<ProcessEnd> Ended => process.Ended;

    /// <summary>Says whether this program can start workers at all, and at this depth.</summary>
    /// <exception cref="PlatformNotSupportedException">It cannot; the message says why and what to do.</exception>
    /// <exception cref="InvalidOperationException">This process is at the limit of nesting.</exception>
    public static void EnsureSupported(int maxDepth)
    {
        SpawnDepth.Check(CurrentDepth, maxDepth);
        _ = LaunchPlan.Current;
    }

    /// <summary>Starts a worker; returns once the process exists.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The system could not start it.</exception>
    /// <exception cref="PlatformNotSupportedException">See <see cref="EnsureSupported"/>.</exception>
    public static async Task<WorkerProcess> StartAsync(LaunchRequest request, CancellationToken cancellationToken)
    {
        Task<WorkerProcess> starting = LauncherThread.RunAsync(() => Start(request), cancellationToken);
        try
        {
            return await starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = DiscardAsync(starting);
            throw;
        }
    }

    /// <summary>SIGKILL to the worker and its process group; nothing once it has been reaped.</summary>
    public void Kill() => process.Kill();

    /// <summary>
    /// Whether the process has ended, or is being taken apart by the kernel, by then. It is looked at itself, and not which of two tasks came first:
    /// where all threads of the thread pool are busy, a timer's turn comes before that of a process that ended long ago.
    /// </summary>
    public async Task<bool> EndsWithinAsync(TimeSpan bound, TimeProvider clock)
    {
        await Task.WhenAny(Ended, Task.Delay(bound, clock)).ConfigureAwait(false);
        return process.IsEnding;
    }

    /// <summary>It has ended, or has closed its channel, which comes to the same. Of one that has nothing to say over it.</summary>
    public bool HasClosed
    {
        get
        {
            try
            {
                return Channel.Poll(0, SelectMode.SelectRead);
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>What the worker has written can still be read; then the channel ends, whoever else holds its other end.</summary>
    public void EndChannel()
    {
        try
        {
            Channel.Shutdown(SocketShutdown.Receive);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    /// <summary>Sends the worker a signal; nothing once it has been reaped.</summary>
    public void Signal(int signal) => process.Signal(signal);

    /// <summary>Looks at the worker's memory, for <see cref="ProcessEnd.PeakMemoryBytes"/>; to be called when it announces its end.</summary>
    public void SamplePeakMemory() => process.SamplePeakMemory();

    /// <summary>Kills the worker if it lives, waits until it is reaped, and closes what is open.</summary>
    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await ((Task)process.Ended).WaitAsync(ReapBound, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Channel.Dispose();
        Files?.Dispose();
        life.Dispose();
        await Output.DisposeAsync().ConfigureAwait(false);
        await Error.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The caller no longer waits, be it that the start has not had its turn or that the system is slow; what comes of it is undone.</summary>
    private static async Task DiscardAsync(Task<WorkerProcess> starting)
    {
        await ((Task)starting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (starting.IsCompletedSuccessfully)
            await (await starting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    private static WorkerProcess Start(LaunchRequest request)
    {
        if (request.Program is { } program)
            return StartForeign(request, program);
        LaunchCommand command = LaunchCommand.Of(request);
        (SafeFileHandle channel, SafeFileHandle theirChannel) = Descriptors.SocketPair();
        (SafeFileHandle theirLife, SafeFileHandle life) = Descriptors.SmallPipe();
        using (channel)
        using (theirChannel)
        using (theirLife)
        using (var output = new ReadEnd())
        using (var error = new ReadEnd())
        {
            SpawnedProcess? process = null;
            try
            {
                process = SpawnedProcess.Start(new(command.File, command.Arguments, command.Environment)
                {
                    WorkingDirectory = request.WorkingDirectory,
                    Descriptors = [(output.Theirs, 1), (error.Theirs, 2), (theirChannel, ChannelDescriptor), (theirLife, WorkerTicket.LifeDescriptor), .. Shared(request)],
                });
                return new(process, new Socket(new SafeSocketHandle(Detach(channel), ownsHandle: true)), null, life, output.Open(), error.Open()) { Command = command };
            }
            catch
            {
                life.Dispose();
                process?.Kill();
                throw;
            }
        }
    }

    private static WorkerProcess StartForeign(LaunchRequest request, ForeignProgram program)
    {
        (SafeFileHandle channel, SafeFileHandle theirChannel) = Descriptors.SocketPair();
        (SafeFileHandle files, SafeFileHandle theirFiles) = Descriptors.SocketPair();
        (SafeFileHandle theirLife, SafeFileHandle life) = Descriptors.SmallPipe();
        using (channel)
        using (theirChannel)
        using (theirFiles)
        using (theirLife)
        using (var output = new ReadEnd())
        using (var error = new ReadEnd())
        {
            SpawnedProcess? process = null;
            try
            {
                process = SpawnedProcess.Start(new(program.Executable, [program.Executable, .. program.Arguments], WorkerEnvironment.BuildForeign(request, HostEnvironment.Read()))
                {
                    WorkingDirectory = request.WorkingDirectory,
                    Descriptors = [(output.Theirs, 1), (error.Theirs, 2), (theirChannel, ChannelDescriptor), (theirFiles, FilesDescriptor), (theirLife, LifeDescriptor)],
                });
                return new(process, new Socket(new SafeSocketHandle(Detach(channel), ownsHandle: true)), files, life, output.Open(), error.Open());
            }
            catch
            {
                files.Dispose();
                life.Dispose();
                process?.Kill();
                throw;
            }
        }
    }

    private static IEnumerable<(SafeFileHandle Ours, int Theirs)> Shared(LaunchRequest request) => request.Shared is { } shared
        ? [(shared.Rings, WorkerTicket.RingsDescriptor), (shared.Bell, WorkerTicket.BellDescriptor)]
        : [];

    private static nint Detach(SafeFileHandle handle)
    {
        nint descriptor = handle.DangerousGetHandle();
        handle.SetHandleAsInvalid();
        return descriptor;
    }

    /// <summary>A pipe of which we keep the reading end. As a pipe stream it is read without blocking a thread.</summary>
    private sealed class ReadEnd : IDisposable
    {
        private readonly SafeFileHandle ours;

        public ReadEnd() => (ours, Theirs) = Descriptors.Pipe();

        public SafeFileHandle Theirs { get; }

        public AnonymousPipeClientStream Open() => new(PipeDirection.In, new SafePipeHandle(Detach(ours), ownsHandle: true));

        public void Dispose()
        {
            ours.Dispose();
            Theirs.Dispose();
        }
    }
}
