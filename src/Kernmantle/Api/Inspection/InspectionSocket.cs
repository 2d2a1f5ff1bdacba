using System.Globalization;
using System.Net.Sockets;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Api.Inspection;

/// <summary>
/// The Unix socket that <c>kern top</c> reads: a snapshot a line, one at once and then one every <see cref="Interval"/>, each with the records since the last. Nothing is read from it. A reader
/// that does not read, or goes away, holds up its own connection only.
/// </summary>
internal sealed class InspectionSocket : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Who has not read for so long looks no more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Further ones are closed at once.</summary>
    private const int MaxReaders = 16;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite, OwnersFolder = OwnerOnly | UnixFileMode.UserExecute;

    private readonly Inspector inspector;
    private readonly Socket listener;
    private readonly CancellationTokenSource ending = new();
    private int readers;

    private InspectionSocket(Inspector inspector, string path, Socket listener)
    {
        (this.inspector, Path, this.listener) = (inspector, path, listener);
        _ = AcceptAsync();
    }

    public string Path { get; }

    /// <summary>Where the sockets of a user's programs are, each named after its process: the same whatever the environment says, so that both sides find it.</summary>
    public static string Folder => string.Create(CultureInfo.InvariantCulture, $"/tmp/kernmantle-{LibC.GetUser()}");

    /// <exception cref="IOException">It cannot be.</exception>
    /// <exception cref="PlatformNotSupportedException">This is Windows.</exception>
    public static InspectionSocket Open(Inspector inspector, string? path)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("kern top needs Unix sockets with owners and modes, as Linux and macOS have them. Use the dashboard.");
        bool isOurs = path is null;
        path ??= System.IO.Path.Combine(PreparedFolder(), string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}.sock"));
        if (File.Exists(path) && !(isOurs && !Answers(path)))
            throw new IOException(Answers(path)
                ? $"The socket {path} is taken: a program answers there. Name another one."
                : $"{path} is there already, and nobody answers: it may be left of a program that was killed, or be no socket at all. Remove it if it is yours to remove, or name another one.");
        return new(inspector, path, Bind(path, replacing: isOurs));
    }

    public void Dispose()
    {
        if (ending.IsCancellationRequested)
            return;
        ending.Cancel();
        File.Delete(Path);   // before it is closed: it is still ours
        listener.Dispose();
    }

    /// <summary>Of the mode before anybody can reach it: it gets its name only then.</summary>
    private static Socket Bind(string path, bool replacing)
    {
        string unnamed = $"{path}.new";
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(unnamed);
            socket.Bind(new UnixDomainSocketEndPoint(unnamed));
#pragma warning disable CA1416 // Open has seen to that.
            File.SetUnixFileMode(unnamed, OwnerOnly);
#pragma warning restore CA1416
            socket.Listen(MaxReaders);
            File.Move(unnamed, path, replacing);
            return socket;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            socket.Dispose();
            throw new IOException($"The socket {path} could not be made: {e.Message} Its folder must exist and be yours, and its path must be shorter than 100 bytes.", e);
        }
    }

    private static string PreparedFolder()
    {
        string folder = Folder;
        try
        {
#pragma warning disable CA1416 // Open has seen to that.
            Directory.CreateDirectory(folder, OwnersFolder);
            if (File.GetUnixFileMode(folder) != OwnersFolder || new FileInfo(folder).LinkTarget is not null)
                throw new IOException($"The folder {folder} is a link, or others than its owner may enter it: it is not ours. Remove it, or name another socket.");
#pragma warning restore CA1416
            foreach (string left in Directory.EnumerateFiles(folder, "*.sock"))
            {
                if (!Answers(left))
                    File.Delete(left);   // its program was killed
            }
            return folder;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The folder {folder} is another user's: {e.Message} Have it removed, or name another socket.", e);
        }
    }

    /// <summary>A connection to the program that answers there; null where none does.</summary>
    public static Socket? TryConnect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            return null;
        }
    }

    public static bool Answers(string path)
    {
        using Socket? connection = TryConnect(path);
        return connection is not null;
    }

    private async Task AcceptAsync()
    {
        while (!ending.IsCancellationRequested)
        {
            Socket reader;
            try
            {
                reader = await listener.AcceptAsync(ending.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(Interval).ConfigureAwait(false);   // out of descriptors, for a while: whoever asked is told by its own end
                continue;
            }
            if (Interlocked.Increment(ref readers) <= MaxReaders)
                _ = ServeAsync(reader);
            else
                Leave(reader);
        }
    }

    private async Task ServeAsync(Socket reader)
    {
        try
        {
            using IDisposable look = inspector.Look();
            using var timer = new PeriodicTimer(Interval);
            long shown = 0;
            do
            {
                ProgramSnapshot snapshot = inspector.Take(shown);
                shown = snapshot.Log is [.., var last] ? last.Number : shown;
                byte[] line = [.. snapshot.ToJson(), (byte)'\n'];
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
                patience.CancelAfter(Patience);
                for (int sent = 0; sent < line.Length;)
                    sent += await reader.SendAsync(line.AsMemory(sent), SocketFlags.None, patience.Token).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(ending.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It went away, or does not read, or we go.
        }
        finally
        {
            Leave(reader);
        }
    }

    private void Leave(Socket reader)
    {
        Interlocked.Decrement(ref readers);
        reader.Dispose();
    }
}
