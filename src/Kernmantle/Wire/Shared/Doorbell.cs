using System.Runtime.CompilerServices;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Wire.Shared;

/// <summary>
/// A pool's doorbell page, the only memory that its workers share: a futex word (<c>Bell</c>) and for each worker a byte
/// (<c>Rung</c>) that says who rang. It holds nothing else, so the worst that a hostile worker can do here is to wake the pump for nothing, or
/// to hide another one's ring: while calls are under way the pump looks by itself every <c>CompletionPump.Patience</c>.
/// </summary>
internal sealed unsafe class Doorbell : IDisposable
{
    private const int RungOffset = 64;
    private const int Page = 4096;

    private readonly MappedMemory memory;

    private Doorbell(MappedMemory memory, int length, SafeFileHandle? file)
    {
        this.memory = memory;
        Length = length;
        File = file;
    }

    /// <summary>The memory's descriptor, for workers; in the host only.</summary>
    public SafeFileHandle? File { get; }

    public int Length { get; }

    public int Places => Length - RungOffset;

    public ref int Bell => ref Unsafe.AsRef<int>(memory.Start);

    public static Doorbell Create(int places)
    {
        int length = (RungOffset + places + Page - 1) / Page * Page;
        SafeFileHandle file = SharedFile.Create("kernmantle-bell", length, reserve: true);
        return new(MappedMemory.Of(file, length), length, file);
    }

    public static Doorbell Open(SafeFileHandle file, int length) => new(MappedMemory.Of(file, length), length, null);

    /// <summary>By a worker: says who rings, then rings.</summary>
    public void Signal(int place)
    {
        Volatile.Write(ref *Rung(place), 1);
        Futex.Signal(ref Bell);
    }

    /// <summary>By the host itself; nothing once the page is gone.</summary>
    public void SignalPump()
    {
        bool held = false;
        try
        {
            memory.DangerousAddRef(ref held);
            Futex.Signal(ref Bell);
        }
        catch (ObjectDisposedException)
        {
            // The pool has ended, and the pump with it.
        }
        finally
        {
            if (held)
                memory.DangerousRelease();
        }
    }

    /// <summary>By the pump: whether this one rang since the last look.</summary>
    public bool TakeRing(int place)
    {
        if (Volatile.Read(ref *Rung(place)) == 0)
            return false;
        Volatile.Write(ref *Rung(place), 0);
        return true;
    }

    public void Dispose()
    {
        memory.Dispose();
        File?.Dispose();
    }

    private byte* Rung(int place) => memory.Start + RungOffset + place;
}
