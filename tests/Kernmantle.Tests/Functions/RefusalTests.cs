using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using Kernmantle.Calls;

namespace Kernmantle.Tests.Functions;

/// <summary>What cannot cross is refused before anything is sent, by the name that the programmer knows it by.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void Multicast()
    {
        Func<int> one = static () => 1;
        Assert.Contains("several functions", Refused(one + one).Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CompiledExpression(bool interpreted)
    {
        Expression<Func<int>> expression = () => 1;
        Assert.Contains("compiled expression", Refused(expression.Compile(interpreted)).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void DynamicMethod()
    {
        var method = new DynamicMethod("made", typeof(int), null);
        ILGenerator il = method.GetILGenerator();
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Ret);
        Assert.Contains("dynamic method", Refused(method.CreateDelegate<Func<int>>()).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenInstanceDelegate()
    {
        var open = (Func<string, string>)Delegate.CreateDelegate(typeof(Func<string, string>), null, typeof(string).GetMethod(nameof(string.Trim), [])!);
        NotPortableException e = Assert.Throws<NotPortableException>(() => Crossing.FunctionOf(open));
        Assert.Contains("String.Trim", e.Subject, StringComparison.Ordinal);
        Assert.Contains("lambda", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void DelegateOfADelegate()
    {
        Converter<int, int> inner = static n => n;
        Assert.Contains("another delegate", Assert.Throws<NotPortableException>(() => Crossing.FunctionOf(new Func<int, int>(inner))).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void AssemblyThatExistsOnlyInMemory()
    {
        AssemblyBuilder assembly = AssemblyBuilder.DefineDynamicAssembly(new("InMemory"), AssemblyBuilderAccess.Run);
        TypeBuilder type = assembly.DefineDynamicModule("m").DefineType("T", TypeAttributes.Public);
        ILGenerator il = type.DefineMethod("M", MethodAttributes.Public | MethodAttributes.Static, typeof(int), null).GetILGenerator();
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Ret);
        NotPortableException e = Refused(type.CreateType().GetMethod("M")!.CreateDelegate<Func<int>>());
        Assert.Contains("InMemory", e.Subject, StringComparison.Ordinal);
        Assert.Contains("from a file", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void AssemblyLoadedFromBytes()
    {
        using var plugIn = new PlugInFolder();
        Assembly assembly = Assembly.Load(File.ReadAllBytes(plugIn.DependencyPath));
        Assert.Contains(plugIn.DependencyName, Refused(assembly.GetType("Helper")!.GetMethod("Three")!.CreateDelegate<Func<int>>()).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void CapturedStreamIsNamed()
    {
        using Stream input = new MemoryStream();
        NotPortableException e = Refused(() => (int)input.Length);
        Assert.Contains("'input'", e.Subject, StringComparison.Ordinal);
        Assert.Contains("Stream", e.Subject, StringComparison.Ordinal);
        Assert.NotEmpty(e.Remedy);
    }

    [Fact]
    public void CapturedStreamThatOnlyANestedLambdaReadsIsNamed()
    {
        using Stream input = new MemoryStream();
        Assert.Contains("'input'", Refused(() =>
        {
            Func<int> inner = () => (int)input.Length;
            return inner();
        }).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void CapturedStreamInAnOuterScopeIsNamed()
    {
        using Stream outer = new MemoryStream();
        for (int i = 0; i < 1; i++)
        {
            int inner = i;
            Assert.Contains("'outer'", Refused(() => (int)outer.Length + inner).Subject, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void CapturedDelegateIsNamed()
    {
        Func<int> function = static () => 1;
        Assert.Contains("'function'", Refused(() => function() + 1).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void CapturedThisIsNamed()
    {
        using var owner = new Owner();
        Assert.Contains("this (Owner)", Refused(owner.OnlyThis()).Subject, StringComparison.Ordinal);
        Assert.Contains("this (Owner)", Refused(owner.ThisAndMore(1)).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void CapturedValueOfADerivedTypeIsNamed()
    {
        Animal animal = new Dog("Rex", 3);
        Func<int> function = () => animal.Name.Length;
        Function known = Crossing.FunctionOf(function);
        Assert.Contains("'animal'", Assert.Throws<NotPortableException>(() => Crossing.Payload(known, function, default(ValueTuple))).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public unsafe void CapturedPointerIsNamed()
    {
        int value = 1;
        int* pointer = &value;
        Assert.Contains("'pointer'", Refused(() => *pointer).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void ArgumentIsNamed()
    {
        Func<int, Stream, long> function = static (count, input) => input.Length + count;
        NotPortableException e = Assert.Throws<NotPortableException>(() => Function.Of(function, Crossing.Plain));
        Assert.Contains("argument 'input'", e.Subject, StringComparison.Ordinal);
        Assert.Contains("Stream", e.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void ArgumentOfADerivedTypeIsNamed()
    {
        Func<Animal, int> function = static animal => animal.Name.Length;
        Function known = Function.Of(function, Crossing.Plain);
        NotPortableException e = Assert.Throws<NotPortableException>(() => Crossing.Payload(known, function, new ValueTuple<Animal>(new Dog("Rex", 3))));
        Assert.Contains("argument 'animal'", e.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void ResultIsNamed()
    {
        Func<Stream> function = static () => Stream.Null;
        NotPortableException e = Assert.Throws<NotPortableException>(() => Function.Of(function, Crossing.Plain));
        Assert.StartsWith("The result (Stream)", e.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void CallingWithOtherTypesThanTheFunctionTakes()
    {
        Func<string, int> function = static s => s.Length;
        Function known = Function.Of(function, Crossing.Plain);
        Assert.Throws<NotPortableException>(() => Crossing.Payload(known, function, new ValueTuple<int>(1)));
    }

    private static NotPortableException Refused(Func<int> function) => Assert.Throws<NotPortableException>(() => Crossing.FunctionOf(function));

    internal record Animal(string Name);

    internal sealed record Dog(string Name, int Age) : Animal(Name);

    internal sealed class Owner : IDisposable
    {
        private readonly Stream stream = new MemoryStream();

        public Func<int> OnlyThis() => () => (int)stream.Length;

        public Func<int> ThisAndMore(int more) => () => (int)stream.Length + more;

        public void Dispose() => stream.Dispose();
    }
}
