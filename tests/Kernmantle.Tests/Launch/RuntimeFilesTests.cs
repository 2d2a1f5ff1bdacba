using System.Diagnostics;

namespace Kernmantle.Tests.Launch;

/// <summary>The files that the runtime makes for diagnostic tools go with the worker, however that ends.</summary>
public sealed class RuntimeFilesTests
{
    [Fact]
    public async Task A_killed_worker_leaves_no_socket_or_pipe_in_its_temporary_folder()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("kernmantle-");
        try
        {
            await using (WorkerPool pool = WorkerPool.Processes(1, new() { Environment = new Dictionary<string, string?> { ["TMPDIR"] = folder.FullName } }))
            {
                await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static () => Process.GetCurrentProcess().Kill(), TestContext.Current.CancellationToken));
                Assert.NotEmpty(await pool.RunAsync(static path => Directory.GetFileSystemEntries(path), folder.FullName, TestContext.Current.CancellationToken));
            }
            Assert.Empty(folder.GetFileSystemInfos());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
