using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Child.Lane;

/// <summary>The memory that a worker has with its pool, as files; closed when it is mapped.</summary>
/// <param name="Rings">Its rings.</param>
/// <param name="RingBytes">The size of one.</param>
/// <param name="Bell">The pool's doorbell page.</param>
internal sealed record RingFiles(SafeFileHandle Rings, int RingBytes, SafeFileHandle Bell)
{
    public MappedMemory MapRings()
    {
        using (Rings)
            return MappedMemory.OfRings(Rings, LinkWords.Size, RingBytes);
    }

    public Doorbell MapBell(int length)
    {
        using (Bell)
            return Doorbell.Open(Bell, length);
    }
}

/// <summary>The files of the pool that has this worker next: see <see cref="ControlKind.Rings"/>. By the reader thread.</summary>
internal sealed class NextRings
{
    private (SafeFileHandle? File, int Bytes) rings;

    /// <summary>Null while the worker belongs to the pool that it has.</summary>
    public RingFiles? Files { get; private set; }

    public void Take(in ControlMessage message, SafeFileHandle? file)
    {
        if (message.Kind == ControlKind.Rings)
            rings = (file!, (int)message.Length);
        else
            Files = new(rings.File!, rings.Bytes, file!);
    }
}
