using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;
using Kernmantle.Benchmarks.Rpc;

// Usage: Rpc WHAT [warm ms] [time ms] [count]; prints one JSON line per measurement. The server is this program started again.
string folder = Path.Combine(Path.GetTempPath(), $"kernmantle-bench-{Guid.NewGuid():N}");
switch (args)
{
    case ["serve-grpc", var path]:
        await GrpcPeer.ServeAsync(path);
        return 0;
    case ["serve-jsonrpc", var path]:
        await JsonRpcPeer.ServeAsync(path);
        return 0;
    case [("grpc-call" or "grpc-bytes-1m" or "jsonrpc-call" or "jsonrpc-token" or "jsonrpc-bytes-1m") and var what, .. var numbers]:
        string kind = what.Split('-')[0];
        Directory.CreateDirectory(folder);
        string socket = Path.Combine(folder, "socket");
        try
        {
            using Process server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [$"serve-{kind}", socket]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            await server.StandardOutput.ReadLineAsync();
            int size = what.EndsWith("1m", StringComparison.Ordinal) ? 1 << 20 : 0;
            Settings settings = Settings.Parse(numbers);
            Line line = kind == "grpc" ? await GrpcPeer.MeasureAsync(socket, size, settings) : await JsonRpcPeer.MeasureAsync(socket, size, what == "jsonrpc-token", settings);
            line.Print();
            server.StandardInput.Close();   // the server's sign to end; also if this program dies
            await server.WaitForExitAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return 0;
    default:
        Console.Error.WriteLine("known: grpc-call, grpc-bytes-1m, jsonrpc-call, jsonrpc-token, jsonrpc-bytes-1m");
        return 2;
}
