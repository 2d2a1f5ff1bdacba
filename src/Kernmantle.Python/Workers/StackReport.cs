using System.Diagnostics;
using System.Text;
using Kernmantle.Host.Launch;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Python.Workers;

/// <summary>
/// What the threads of a worker are doing, in its own words: its <c>faulthandler</c> writes them into memory of the host when a signal comes, from within the signal's handler, whatever the
/// worker is doing (Python documentation, <c>faulthandler.register</c>). While a handler runs its signal is blocked, which the kernel tells: that is how the host knows when it has ended.
/// </summary>
internal sealed class StackReport : IDisposable
{
    /// <summary>A real-time signal that neither the C library nor a runtime uses.</summary>
    public const int Signal = 44;

    /// <summary>More is cut: <c>faulthandler</c> itself stops at 100 threads of 100 frames.</summary>
    private const int Length = 256 << 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <exception cref="System.ComponentModel.Win32Exception">There is no memory to be had.</exception>
    public StackReport() => File = SharedFile.Create("kernmantle-stacks", Length, reserve: false);

    /// <summary>Where the worker writes.</summary>
    public SafeFileHandle File { get; }

    /// <summary>Asks for it. Null: the worker has ended meanwhile.</summary>
    /// <param name="process">The worker, which has said that it will answer the signal.</param>
    /// <param name="budget">How long it may take.</param>
    public async Task<string?> TakeAsync(WorkerProcess process, TimeSpan budget)
    {
        if (ProcFiles.SignalsOf(process.Id) is not { } signals)
            return null;
        if (signals.IsBlocked(Signal))
            return $"(The main thread of the worker blocks signal {Signal}, by which its stacks are asked for.)";
        long started = Stopwatch.GetTimestamp();
        byte[] bytes = new byte[Length];
        int before = Read(bytes);
        process.Signal(Signal);
        while (true)
        {
            bool hasBegun = Read(bytes) > before;   // looked at first: just before a handler begins, its signal is neither pending nor blocked
            if (ProcFiles.SignalsOf(process.Id) is not { } now || hasBegun && !now.IsPending(Signal) && !now.IsBlocked(Signal))
                return Read(bytes) is > 0 and int count ? Encoding.UTF8.GetString(bytes, 0, count) : null;
            if (Stopwatch.GetElapsedTime(started) >= budget)
                return $"(The worker did not write its stacks within {budget.TotalMilliseconds:F0} ms: it is stopped, or has no processor.)";
            await Task.Delay(Pause).ConfigureAwait(false);
        }
    }

    public void Dispose() => File.Dispose();

    /// <summary>What is there, whole or not: its length in bytes.</summary>
    private int Read(byte[] bytes)
    {
        int count = RandomAccess.Read(File, bytes, 0), end = Array.IndexOf(bytes, (byte)0, 0, count);
        return end < 0 ? count : end;
    }
}
