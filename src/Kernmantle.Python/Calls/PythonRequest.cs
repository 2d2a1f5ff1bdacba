using Kernmantle.Python.Values;

namespace Kernmantle.Python.Calls;

/// <summary>What a worker is to do; the numbers are the agent's.</summary>
internal enum PythonOperation : byte
{
    Call = 1,
    Eval = 2,
    Exec = 3,
    Script = 4,
    Stream = 5,
    Batch = 6,
    Create = 7,
}

/// <summary>One thing to do, and what it is done with.</summary>
internal abstract record PythonRequest(PythonOperation Operation, string Name)
{
    public abstract void Write(ref PythonWriter writer);
}

/// <summary>A function, called or streamed, or a class of which an object is made; a method, where the call names an object.</summary>
internal sealed record FunctionRequest(PythonOperation Operation, string Name, PythonArguments Arguments) : PythonRequest(Operation, Name)
{
    public override void Write(ref PythonWriter writer)
    {
        writer.EnterTuple(3);
        writer.WriteString(Name);
        writer.EnterTuple(Arguments.Positional.Length);
        foreach (object? argument in Arguments.Positional)
            PythonCodec.WriteObject(ref writer, argument);
        writer.Leave();
        Variables.Write(ref writer, Arguments.Keywords);
        writer.Leave();
    }
}

/// <summary>Nothing: the worker lets go of an object, which the call itself names.</summary>
internal sealed record ReleaseRequest() : PythonRequest(PythonOperation.Call, "release")
{
    public override void Write(ref PythonWriter writer)
    {
        writer.EnterTuple(0);
        writer.Leave();
    }
}

/// <summary>Source text, evaluated or executed.</summary>
internal sealed record SourceRequest(PythonOperation Operation, string Source, IEnumerable<KeyValuePair<string, object?>> Given)
    : PythonRequest(Operation, Operation == PythonOperation.Eval ? "eval" : "exec")
{
    public override void Write(ref PythonWriter writer)
    {
        writer.EnterTuple(2);
        writer.WriteString(Source);
        Variables.Write(ref writer, Given);
        writer.Leave();
    }
}

/// <summary>A file as a program.</summary>
internal sealed record ScriptRequest(string Path, IReadOnlyList<string> Arguments) : PythonRequest(PythonOperation.Script, System.IO.Path.GetFileName(Path))
{
    public override void Write(ref PythonWriter writer)
    {
        writer.EnterTuple(2);
        writer.WriteString(Path);
        PythonCodec<IReadOnlyList<string>>.Write(ref writer, Arguments);
        writer.Leave();
    }
}

internal static class Variables
{
    public static void Write(ref PythonWriter writer, IEnumerable<KeyValuePair<string, object?>> variables)
    {
        writer.EnterDict();
        foreach ((string name, object? value) in variables)
        {
            writer.WriteString(name);
            PythonCodec.WriteObject(ref writer, value);
        }
        writer.LeaveDict();
    }
}
