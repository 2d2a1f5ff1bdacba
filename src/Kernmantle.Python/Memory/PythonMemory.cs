using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Python.Memory;

/// <summary>Memory that workers map, for arrays too large to be copied through a socket. Not thread-safe: it has one user at a time.</summary>
internal sealed unsafe class PythonMemory : IDisposable
{
    private readonly MappedMemory mapping;

    /// <exception cref="System.ComponentModel.Win32Exception">The system has not so much memory.</exception>
    public PythonMemory(int id, long length)
    {
        (Id, Length) = (id, length);
        File = SharedFile.Create("kernmantle-python", length, reserve: true);
        try
        {
            mapping = MappedMemory.Of(File, length);
        }
        catch
        {
            File.Dispose();
            throw;
        }
    }

    /// <summary>Its name between processes.</summary>
    public int Id { get; }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    public SafeFileHandle File { get; }

    /// <summary>A worker still refers to it after its call: nobody else may get it.</summary>
    public bool IsKept { get; set; }

    /// <summary>Whole pages may be 2 GiB, of which nothing that fits an array needs the last byte.</summary>
    public Span<byte> Bytes => new(mapping.Start, (int)Math.Min(Length, int.MaxValue));

    public byte* Start => mapping.Start;

    public void Dispose()
    {
        mapping.Dispose();
        File.Dispose();
    }
}
