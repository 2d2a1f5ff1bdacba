using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>What the host and one worker both see: the words, and behind them a ring for each direction.</summary>
internal sealed unsafe class LaneMemory : IDisposable
{
    private readonly MappedMemory mapping;

    /// <exception cref="System.ComponentModel.Win32Exception">There is no shared memory to be had.</exception>
    public LaneMemory(int ringBytes)
    {
        RingBytes = ringBytes;
        File = SharedFile.Create("kernmantle-rings", LinkWords.Size + 2L * ringBytes, reserve: true);
        mapping = MappedMemory.OfRings(File, LinkWords.Size, ringBytes);
        Words = (LinkWords*)mapping.Start;
        byte* rings = mapping.Start + LinkWords.Size;
        Requests = new(rings, ringBytes, &Words->RequestHead);
        Answers = new(rings + 2L * ringBytes, ringBytes, &Words->ResponseHead);
    }

    /// <summary>What the worker is started with; of no use here once it has been.</summary>
    public SafeFileHandle File { get; }

    /// <summary>Of each of the two rings, a power of two.</summary>
    public int RingBytes { get; }

    public LinkWords* Words { get; }

    public RingWriter Requests { get; }

    public RingReader Answers { get; }

    /// <summary>By who looks without a lock that the end waits for.</summary>
    /// <exception cref="ObjectDisposedException">It is gone.</exception>
    public void Hold(ref bool held) => mapping.DangerousAddRef(ref held);

    /// <summary>After <see cref="Hold"/>.</summary>
    public void Release() => mapping.DangerousRelease();

    public void Dispose()
    {
        mapping.Dispose();
        File.Dispose();
    }
}
