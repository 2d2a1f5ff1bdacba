using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tool.Lab.Linux;

/// <summary>One end of a named pipe. Reading waits in the system until there is something.</summary>
internal sealed class Fifo : IDisposable
{
    private readonly SafeFileHandle handle;

    /// <summary>Opens it for both directions: that waits for nobody.</summary>
    public Fifo(string path) => handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[LibC.Write(handle, bytes)..];
    }

    /// <summary>Fills the whole span.</summary>
    public void Read(Span<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[LibC.Read(handle, bytes)..];
    }

    public void Dispose() => handle.Dispose();
}
