using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace Kernmantle.Python.Tests.Values;

/// <summary>One real python3 for all tests: it loads what it is given, and says what it got. It ends with its standard input.</summary>
internal sealed class PythonChild
{
    private const string Program = """
        import sys, marshal, struct
        sys.setrecursionlimit(5000)
        if hasattr(sys, "set_int_max_str_digits"): sys.set_int_max_str_digits(0)
        source, sink = sys.stdin.buffer, sys.stdout.buffer
        def take(n):
            data = source.read(n)
            if len(data) < n: sys.exit(0)
            return data
        def give(data):
            sink.write(struct.pack('<i', len(data)) + data)
        while True:
            op, length = struct.unpack('<ci', take(5))
            data = take(length)
            try:
                value = marshal.loads(data) if op == b'L' else eval(data.decode('utf-8'))
                shown, dumped = ascii(value), marshal.dumps(value, 2)
            except Exception as e:
                shown, dumped = 'error: ' + ascii(e), b''
            give(shown.encode('ascii')); give(dumped); sink.flush()
        """;

    private static readonly Lazy<PythonChild> Shared = new(Start);

    private readonly Lock gate = new();
    private readonly Process process;

    private PythonChild(Process process) => this.process = process;

    /// <summary>The one child.</summary>
    public static PythonChild Get() => Shared.Value;

    /// <summary>What marshal.loads makes of the bytes: its ascii(), and marshal.dumps(…, 2) of it.</summary>
    public (string Shown, byte[] Dumped) Load(byte[] bytes) => Ask('L', bytes);

    /// <summary>The value of an expression, as the above.</summary>
    public (string Shown, byte[] Dumped) Eval(string expression) => Ask('E', Encoding.UTF8.GetBytes(expression));

    private static PythonChild Start() =>
        new(Process.Start(new ProcessStartInfo("python3", ["-I", "-c", Program]) { RedirectStandardInput = true, RedirectStandardOutput = true })!);

    private (string Shown, byte[] Dumped) Ask(char op, byte[] data)
    {
        lock (gate)
        {
            Stream input = process.StandardInput.BaseStream, output = process.StandardOutput.BaseStream;
            byte[] head = new byte[5];
            head[0] = (byte)op;
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(1), data.Length);
            input.Write(head);
            input.Write(data);
            input.Flush();
            string shown = Encoding.ASCII.GetString(Take(output));
            byte[] dumped = Take(output);
            return shown.StartsWith("error: ", StringComparison.Ordinal) ? throw new InvalidOperationException(shown) : (shown, dumped);
        }
    }

    private static byte[] Take(Stream stream)
    {
        byte[] length = new byte[4];
        stream.ReadExactly(length);
        byte[] data = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        stream.ReadExactly(data);
        return data;
    }
}
