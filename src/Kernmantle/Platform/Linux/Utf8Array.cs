using System.Runtime.InteropServices;

namespace Kernmantle.Platform.Linux;

/// <summary>A null-terminated array of C strings.</summary>
internal sealed unsafe class Utf8Array : IDisposable
{
    private readonly int count;

    public Utf8Array(IReadOnlyCollection<string> strings)
    {
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)strings.Count + 1, (nuint)sizeof(byte*));
        foreach (string text in strings)
            Pointer[count++] = (byte*)Marshal.StringToCoTaskMemUTF8(text);
    }

    public byte** Pointer { get; private set; }

    public void Dispose()
    {
        if (Pointer is null)
            return;
        for (int i = 0; i < count; i++)
            Marshal.FreeCoTaskMem((nint)Pointer[i]);
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
