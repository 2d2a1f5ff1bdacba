using System.Runtime.InteropServices;

namespace Kernmantle.Platform.Linux;

/// <summary>The id that the operating system's tools show for a thread.</summary>
internal static partial class NativeThread
{
    [ThreadStatic]
    private static int id;

    /// <summary>The calling thread's id; its managed id where the system's is not to be had.</summary>
    public static int Id => id != 0 ? id : id = Find();

    private static int Find()
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return GetThreadId();
            }
            catch (EntryPointNotFoundException)
            {
                // A C library from before 2019 has no such function.
            }
        }
        return Environment.CurrentManagedThreadId;
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
